/* Positions and what they are worth.
 *
 * Owns: which fills count, what a position cost, and what can't be counted. Must
 * not know: the session, experts' names, or how a view looks.
 */
#ifndef BOOK_H
#define BOOK_H

#include "lombard.h"

typedef lombard_platform_types_transaction_t transaction_t;
typedef lombard_platform_types_order_t order_t;

/* What a transaction holds on an account; `open` is above 0. */
typedef struct {
    const transaction_t *transaction;
    uint64_t account;
    bool is_long;
    lombard_decimal_t open;
    lombard_decimal_t cost;
} position_t;

/* Why something can't be counted, in the order in which that is told. */
typedef enum { NO_PRICE, FILL_WITHOUT_PRICE, TOO_LARGE } cause_t;

/* A part of a transaction, on an account, that can't be counted. */
typedef struct {
    const transaction_t *transaction;
    uint64_t account;
    cause_t cause;
} fault_t;

/* The floating P/L of an expert. */
typedef struct {
    uint64_t expert;
    lombard_decimal_t pl;
} sum_t;

typedef struct {
    position_t *ptr;
    size_t len;
} positions_t;

typedef struct {
    fault_t *ptr;
    size_t len;
} faults_t;

typedef struct {
    sum_t *ptr;
    size_t len;
} sums_t;

typedef struct {
    uint64_t *ptr;
    size_t len;
} ids_t;

/* What the transactions of experts hold, by transaction, then account. Both lists
 * are in the order of the session: by transaction, the earliest order first. */
void book_positions(const lombard_platform_session_list_transaction_t *transactions,
                    const lombard_platform_session_list_order_t *orders, positions_t *positions,
                    faults_t *faults);

/* Floating P/L per expert, from highest to lowest, and the accounts with a part
 * in it. The quotes are by account, then symbol. */
void book_sums(const positions_t *positions, const lombard_platform_session_list_quote_t *quotes,
               sums_t *sums, ids_t *summed, faults_t *faults);

/* Puts faults in their order, each once. */
void book_order_faults(faults_t *faults);

#endif
