/* {{title}}: the open trades per symbol, the largest first.
 *
 * Ask for sets: `..._session_orders_of` reads the orders of all trades at once.
 * Numbers are decimals; add and compare them by the functions of `lombard.h`.
 */
#include <stdlib.h>

#include "lombard.h"

/* The trades on one symbol. */
typedef struct {
    plugin_string_t symbol;
    int64_t trades;
    lombard_decimal_t size;
} sum_t;

typedef struct {
    sum_t *ptr;
    size_t len;
} sums_t;

static sum_t *sum_of(sums_t *sums, plugin_string_t symbol) {
    for (size_t at = 0; at < sums->len; at++) {
        if (lombard_text_compare(&sums->ptr[at].symbol, &symbol) == 0) return &sums->ptr[at];
    }
    sum_t *sum = lombard_push(sums);
    *sum = (sum_t){symbol, 0, lombard_int(0)};
    return sum;
}

/* The largest first, ties by symbol. */
static int by_size(const void *one, const void *other) {
    const sum_t *left = one, *right = other;
    int order = lombard_compare(right->size, left->size);
    return order ? order : lombard_text_compare(&left->symbol, &right->symbol);
}

bool exports_plugin_render(plugin_borrow_session_t session, plugin_render_request_t *request,
                           plugin_view_t *view, plugin_plugin_error_t *error) {
    lombard_platform_session_list_transaction_t trades;
    if (!lombard_transactions_in(session, LOMBARD_OPEN, &trades, error)) return false;
    lombard_debug("%u open trades", (uint64_t)trades.len);

    sums_t sums = {NULL, 0};
    for (size_t at = 0; at < trades.len; at++) {
        sum_t *sum = sum_of(&sums, trades.ptr[at].symbol);
        sum->trades++;
        sum->size = lombard_add(sum->size, lombard_from_wire(trades.ptr[at].quantity));
        if (!sum->size.ok) return lombard_failed(error, "the size in %t is too large", &sum->symbol);
    }
    if (sums.len > 1) qsort(sums.ptr, sums.len, sizeof *sums.ptr, by_size);

    lombard_table_t table = lombard_table();
    lombard_column(&table, "symbol", "Symbol", LOMBARD_TEXT);
    lombard_column(&table, "trades", "Trades", LOMBARD_INTEGER);
    lombard_column(&table, "size", "Size", LOMBARD_QUANTITY);
    size_t room = request->max_rows.is_some ? request->max_rows.val : sums.len;
    for (size_t at = 0; at < sums.len && at < room; at++) {
        const sum_t *sum = &sums.ptr[at];
        lombard_cell_t cells[] = {lombard_text_cell(&sum->symbol), lombard_int_cell(sum->trades),
                                  lombard_decimal_cell(sum->size)};
        lombard_row(&table, 0, cells);
    }

    *view = lombard_view("{{title}}");
    lombard_add_table(view, table);
    lombard_add_stat(view, "trades", "Open trades", LOMBARD_INTEGER,
                     lombard_int_cell((int64_t)trades.len));
    if (sums.len == 0) lombard_add_empty(view, "no open trade");
    if (sums.len > room) {
        lombard_add_text(view, "%u more rows are not shown", (uint64_t)(sums.len - room));
    }
    return true;
}
