/* Floating profit or loss of open positions, per expert.
 *
 * Owns: which sets the widget reads, and its view. Must not know: how a position
 * is worked out of fills; that is in `book.c`.
 */
#include <stdlib.h>

#include "book.h"

typedef lombard_platform_session_list_account_t accounts_t;
typedef lombard_platform_session_list_expert_t experts_t;
typedef lombard_platform_session_list_instrument_t instruments_t;

static int by_name(const void *one, const void *other) {
    const lombard_platform_types_instrument_t *left = one, *right = other;
    if (left->account != right->account) return left->account < right->account ? -1 : 1;
    return lombard_text_compare(&left->symbol, &right->symbol);
}

/* Each instrument of these positions once, by account, then symbol. */
static instruments_t instruments_of(const positions_t *positions) {
    instruments_t all = {NULL, 0};
    for (size_t at = 0; at < positions->len; at++) {
        const position_t *position = &positions->ptr[at];
        *lombard_push(&all) = (lombard_platform_types_instrument_t){
            position->account, position->transaction->symbol};
    }
    if (all.len > 1) qsort(all.ptr, all.len, sizeof *all.ptr, by_name);
    size_t kept = 0;
    for (size_t at = 0; at < all.len; at++) {
        if (kept && by_name(&all.ptr[kept - 1], &all.ptr[at]) == 0) continue;
        all.ptr[kept++] = all.ptr[at];
    }
    all.len = kept;
    return all;
}

static plugin_string_t label_of(uint64_t id, const experts_t *experts) {
    for (size_t at = 0; at < experts->len; at++) {
        const lombard_platform_types_expert_t *expert = &experts->ptr[at];
        if (expert->id != id) continue;
        return lombard_format("%t-%u", expert->alias.is_some ? &expert->alias.val : &expert->plugin, id);
    }
    return lombard_format("expert %u", id);
}

static plugin_string_t place_of(uint64_t account, const accounts_t *accounts) {
    for (size_t at = 0; at < accounts->len; at++) {
        if (accounts->ptr[at].id != account) continue;
        return lombard_format("account %t (%u)", &accounts->ptr[at].name, account);
    }
    return lombard_format("account %u", account);
}

static void warn_of(lombard_view_t *view, const fault_t *fault, const accounts_t *accounts) {
    uint64_t id = fault->transaction->id;
    plugin_string_t place = place_of(fault->account, accounts);
    switch (fault->cause) {
    case NO_PRICE:
        lombard_add_warning(view, "transaction %u: no price for %t on %t", id,
                            &fault->transaction->symbol, &place);
        break;
    case FILL_WITHOUT_PRICE:
        lombard_add_warning(view, "transaction %u: a fill without a price on %t is left out", id,
                            &place);
        break;
    case TOO_LARGE:
        lombard_add_warning(view, "transaction %u: left out, its numbers on %t are too large", id,
                            &place);
        break;
    }
}

static int by_text(const void *one, const void *other) {
    return lombard_text_compare(one, other);
}

/* Says that the total adds up more than one currency, where it does. */
static void warn_of_currencies(lombard_view_t *view, const ids_t *summed,
                               const accounts_t *accounts) {
    plugin_list_string_t used = {NULL, 0};
    for (size_t at = 0; at < accounts->len; at++) {
        for (size_t id = 0; id < summed->len; id++) {
            if (summed->ptr[id] == accounts->ptr[at].id) *lombard_push(&used) = accounts->ptr[at].currency;
        }
    }
    if (used.len < 2) return;
    qsort(used.ptr, used.len, sizeof *used.ptr, by_text);
    plugin_string_t names = lombard_format("%t", &used.ptr[0]);
    size_t count = 1;
    for (size_t at = 1; at < used.len; at++) {
        if (lombard_text_compare(&used.ptr[at - 1], &used.ptr[at]) == 0) continue;
        names = lombard_format("%t, %t", &names, &used.ptr[at]);
        count++;
    }
    if (count < 2) return;
    lombard_add_warning(view, "amounts in different currencies are added up without conversion: %t",
                        &names);
}

static lombard_view_t shown(const sums_t *sums, const experts_t *experts, size_t room,
                            lombard_decimal_t total) {
    lombard_table_t table = lombard_table();
    lombard_column(&table, "expert", "Expert", LOMBARD_TEXT);
    lombard_column(&table, "pl", "P/L", LOMBARD_MONEY);
    size_t rows = sums->len < room ? sums->len : room;
    for (size_t at = 0; at < rows; at++) {
        const sum_t *sum = &sums->ptr[at];
        plugin_string_t label = label_of(sum->expert, experts);
        lombard_cell_t cells[] = {lombard_text_cell(&label), lombard_decimal_cell(sum->pl)};
        lombard_row(&table, sum->expert, cells);
    }
    lombard_view_t view = lombard_view("Floating P/L per expert");
    lombard_add_table(&view, table);
    size_t hidden = sums->len - rows;
    if (hidden == 1) lombard_add_text(&view, "1 more row is not shown");
    if (hidden > 1) lombard_add_text(&view, "%u more rows are not shown", (uint64_t)hidden);
    if (!sums->len) lombard_add_empty(&view, "no open position with a price");
    lombard_cell_t shown = lombard_fits(total) ? lombard_decimal_cell(total) : lombard_absent();
    lombard_add_stat(&view, "total", "Total P/L", LOMBARD_MONEY, shown);
    return view;
}

bool exports_plugin_render(plugin_borrow_session_t session, plugin_render_request_t *request,
                           plugin_view_t *view, plugin_plugin_error_t *error) {
    lombard_platform_session_list_transaction_t transactions;
    if (!lombard_transactions_in(session, LOMBARD_OPEN, &transactions, error)) return false;
    lombard_platform_session_list_transaction_id_t ids = {NULL, 0};
    for (size_t at = 0; at < transactions.len; at++) *lombard_push(&ids) = transactions.ptr[at].id;

    lombard_platform_types_session_error_t cause;
    lombard_platform_session_list_order_t orders;
    experts_t experts;
    if (!lombard_platform_session_method_session_orders_of(session, &ids, &orders, &cause)
        || !lombard_platform_session_method_session_experts(session, &experts, &cause)) {
        return lombard_session_failed(error, cause);
    }
    positions_t positions = {NULL, 0};
    faults_t faults = {NULL, 0};
    book_positions(&transactions, &orders, &positions, &faults);

    instruments_t instruments = instruments_of(&positions);
    lombard_platform_session_list_quote_t quotes;
    if (!lombard_platform_session_method_session_quotes(session, &instruments, &quotes, &cause)) {
        return lombard_session_failed(error, cause);
    }
    sums_t sums = {NULL, 0};
    ids_t summed = {NULL, 0};
    book_sums(&positions, &quotes, &sums, &summed, &faults);
    book_order_faults(&faults);
    lombard_decimal_t total = lombard_int(0);
    for (size_t at = 0; at < sums.len; at++) total = lombard_add(total, sums.ptr[at].pl);

    bool fits = lombard_fits(total);
    accounts_t accounts = {NULL, 0};
    bool needs_accounts = faults.len || summed.len > 1 || !fits;
    if (needs_accounts
        && !lombard_platform_session_method_session_accounts(session, &accounts, &cause)) {
        return lombard_session_failed(error, cause);
    }
    *view = shown(&sums, &experts, request->max_rows.is_some ? request->max_rows.val : SIZE_MAX, total);
    for (size_t at = 0; at < faults.len; at++) warn_of(view, &faults.ptr[at], &accounts);
    if (!fits) lombard_add_warning(view, "the total is too large a number");
    warn_of_currencies(view, &summed, &accounts);
    return true;
}
