/* Positions and what they are worth; see `book.h`. */
#include "book.h"

#include <stdlib.h>

/* The fills of one transaction on one account. */
typedef struct {
    uint64_t account;
    lombard_decimal_t entered;
    lombard_decimal_t exited;
    lombard_decimal_t paid;
} fills_t;

typedef struct {
    fills_t *ptr;
    size_t len;
} list_fills_t;

static int by_number(uint64_t one, uint64_t other) {
    return (one > other) - (one < other);
}

static int by_account(const void *one, const void *other) {
    return by_number(((const fills_t *)one)->account, ((const fills_t *)other)->account);
}

/* Nearly always one account: a scan beats a map. */
static fills_t *fills_of(list_fills_t *list, uint64_t account) {
    for (size_t at = 0; at < list->len; at++) {
        if (list->ptr[at].account == account) return &list->ptr[at];
    }
    fills_t *fills = lombard_push(list);
    *fills = (fills_t){account, lombard_int(0), lombard_int(0), lombard_int(0)};
    return fills;
}

static void take_fill(list_fills_t *list, const transaction_t *transaction, const order_t *order,
                      uint8_t side, faults_t *faults) {
    lombard_decimal_t filled = lombard_or_zero(order->filled_quantity);
    if (!lombard_is_positive(filled)) return;
    if (!order->fill_price.is_some) {
        *lombard_push(faults) = (fault_t){transaction, order->account, FILL_WITHOUT_PRICE};
        return;
    }
    fills_t *fills = fills_of(list, order->account);
    if (order->side == side) {
        lombard_decimal_t price = lombard_from_wire(order->fill_price.val);
        fills->entered = lombard_add(fills->entered, filled);
        fills->paid = lombard_add(fills->paid, lombard_mul(filled, price));
    } else {
        fills->exited = lombard_add(fills->exited, filled);
    }
}

static void take_position(const transaction_t *transaction, uint8_t side, const fills_t *fills,
                          positions_t *positions, faults_t *faults) {
    lombard_decimal_t open = lombard_sub(fills->entered, fills->exited);
    if (open.ok && !lombard_is_positive(open)) return;
    /* Multiplied before it is divided, so that an exact result stays exact. */
    bool is_whole = open.ok && lombard_compare(open, fills->entered) == 0;
    lombard_decimal_t cost =
        is_whole ? fills->paid : lombard_div(lombard_mul(open, fills->paid), fills->entered);
    if (lombard_fits(cost)) {
        bool is_long = side == LOMBARD_PLATFORM_TYPES_SIDE_BUY;
        *lombard_push(positions) = (position_t){transaction, fills->account, is_long, open, cost};
    } else {
        *lombard_push(faults) = (fault_t){transaction, fills->account, TOO_LARGE};
    }
}

void book_positions(const lombard_platform_session_list_transaction_t *transactions,
                    const lombard_platform_session_list_order_t *orders, positions_t *positions,
                    faults_t *faults) {
    size_t next = 0;
    for (size_t at = 0; at < transactions->len; at++) {
        const transaction_t *transaction = &transactions->ptr[at];
        while (next < orders->len && orders->ptr[next].transaction < transaction->id) next++;
        size_t first = next;
        while (next < orders->len && orders->ptr[next].transaction == transaction->id) next++;
        if (first == next || !transaction->expert.is_some) continue;
        uint8_t side = transaction->side.is_some ? transaction->side.val : orders->ptr[first].side;
        list_fills_t fills = {NULL, 0};
        for (size_t order = first; order < next; order++) {
            take_fill(&fills, transaction, &orders->ptr[order], side, faults);
        }
        if (fills.len > 1) qsort(fills.ptr, fills.len, sizeof *fills.ptr, by_account);
        for (size_t account = 0; account < fills.len; account++) {
            take_position(transaction, side, &fills.ptr[account], positions, faults);
        }
        free(fills.ptr);
    }
}

/* The price of a position; none where there is none. */
static const lombard_option_wire_t *price_of(const position_t *position,
                                             const lombard_platform_session_list_quote_t *quotes) {
    size_t low = 0, high = quotes->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const lombard_platform_types_quote_t *quote = &quotes->ptr[middle];
        int order = by_number(quote->instrument.account, position->account);
        if (!order) {
            order = lombard_text_compare(&quote->instrument.symbol, &position->transaction->symbol);
        }
        if (!order) return quote->price.is_some ? &quote->price : NULL;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static sum_t *sum_of(sums_t *sums, uint64_t expert) {
    for (size_t at = 0; at < sums->len; at++) {
        if (sums->ptr[at].expert == expert) return &sums->ptr[at];
    }
    return NULL;
}

static void note(ids_t *ids, uint64_t id) {
    for (size_t at = 0; at < ids->len; at++) {
        if (ids->ptr[at] == id) return;
    }
    *lombard_push(ids) = id;
}

/* From highest to lowest, ties by id. */
static int by_pl(const void *one, const void *other) {
    const sum_t *left = one, *right = other;
    int order = lombard_compare(right->pl, left->pl);
    return order ? order : by_number(left->expert, right->expert);
}

void book_sums(const positions_t *positions, const lombard_platform_session_list_quote_t *quotes,
               sums_t *sums, ids_t *summed, faults_t *faults) {
    for (size_t at = 0; at < positions->len; at++) {
        const position_t *position = &positions->ptr[at];
        const lombard_option_wire_t *price = price_of(position, quotes);
        if (!price) {
            *lombard_push(faults) = (fault_t){position->transaction, position->account, NO_PRICE};
            continue;
        }
        lombard_decimal_t worth = lombard_mul(lombard_from_wire(price->val), position->open);
        lombard_decimal_t gain = lombard_sub(worth, position->cost);
        lombard_decimal_t pl = position->is_long ? gain : lombard_neg(gain);
        uint64_t expert = position->transaction->expert.val;
        sum_t *sum = sum_of(sums, expert);
        lombard_decimal_t total = lombard_add(sum ? sum->pl : lombard_int(0), pl);
        if (!lombard_fits(pl) || !lombard_fits(total)) {
            *lombard_push(faults) = (fault_t){position->transaction, position->account, TOO_LARGE};
            continue;
        }
        if (!sum) sum = lombard_push(sums);
        *sum = (sum_t){expert, total};
        note(summed, position->account);
    }
    if (sums->len > 1) qsort(sums->ptr, sums->len, sizeof *sums->ptr, by_pl);
}

static int by_place(const void *one, const void *other) {
    const fault_t *left = one, *right = other;
    int order = by_number(left->transaction->id, right->transaction->id);
    if (!order) order = by_number(left->account, right->account);
    return order ? order : (int)left->cause - (int)right->cause;
}

void book_order_faults(faults_t *faults) {
    if (faults->len < 2) return;
    qsort(faults->ptr, faults->len, sizeof *faults->ptr, by_place);
    size_t kept = 1;
    for (size_t at = 1; at < faults->len; at++) {
        if (by_place(&faults->ptr[kept - 1], &faults->ptr[at]) == 0) continue;
        faults->ptr[kept++] = faults->ptr[at];
    }
    faults->len = kept;
}
