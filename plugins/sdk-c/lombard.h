/* What the author of a Lombard plugin in C depends on, over the bindings in
 * `plugin.h`.
 *
 * Owns: exact decimals, texts, the building of views, log lines, and errors in
 * the form of the contract. Must not know: what a plugin computes. There is no
 * I/O but the host's functions.
 *
 * Memory: whatever is put into a view belongs to the view, and the bindings give
 * it back when the host has read it. Each call has an instance of its own, so
 * what the host gave need not be given back before it ends. Where there is no
 * more memory the call ends.
 *
 * The session is lent: the bindings give it back when the call returns. Keep it
 * in no place that lasts longer.
 */
#ifndef LOMBARD_H
#define LOMBARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin.h"

/* ---- Decimals ---------------------------------------------------------- */

/* An exact number, `mantissa × 10^-scale`, with 38 digits and up to 28 places.
 *
 * Results that have more places are rounded, half to even. One that is too
 * large, a division by 0 and a scale that no decimal has give a number that is
 * not `ok`; so does whatever is made of it. Never use a float for money. */
typedef struct {
    __int128 mantissa;
    uint8_t scale;
    bool ok;
} lombard_decimal_t;

typedef lombard_platform_types_decimal_t lombard_wire_t;
typedef lombard_platform_types_option_decimal_t lombard_option_wire_t;

/* A whole number. */
lombard_decimal_t lombard_int(int64_t number);
/* The number that a record of the contract stands for. */
lombard_decimal_t lombard_from_wire(lombard_wire_t wire);
/* The same of one that may be absent, with 0 in its place. */
lombard_decimal_t lombard_or_zero(lombard_option_wire_t wire);
/* The record of the contract: exact, or rounded half to even to 9 places, to
 * fewer where the digits before the point leave no room. False where even the
 * whole part does not fit, or the number is not `ok`. */
bool lombard_to_wire(lombard_decimal_t number, lombard_wire_t *wire);

lombard_decimal_t lombard_add(lombard_decimal_t one, lombard_decimal_t other);
lombard_decimal_t lombard_sub(lombard_decimal_t one, lombard_decimal_t other);
lombard_decimal_t lombard_mul(lombard_decimal_t one, lombard_decimal_t other);
lombard_decimal_t lombard_div(lombard_decimal_t one, lombard_decimal_t other);
lombard_decimal_t lombard_neg(lombard_decimal_t number);

/* Below 0, 0 or above 0, as one is less than, equal to or more than the other.
 * Both have to be `ok`. */
int lombard_compare(lombard_decimal_t one, lombard_decimal_t other);
/* Whether a number is above 0. */
bool lombard_is_positive(lombard_decimal_t number);
/* Whether a number is `ok` and its whole part can be sent. */
bool lombard_fits(lombard_decimal_t number);

/* ---- Texts ------------------------------------------------------------- */

/* A text made of others: `%s` is a `const char *`, `%t` a `plugin_string_t *`,
 * `%u` a `uint64_t`, `%%` a percent sign. */
plugin_string_t lombard_format(const char *format, ...);
/* Below 0, 0 or above 0, in the order of bytes. */
int lombard_text_compare(const plugin_string_t *one, const plugin_string_t *other);

/* ---- Memory ------------------------------------------------------------ */

/* Room for so many things of a size, zeroed. */
void *lombard_room(size_t count, size_t size);
/* The list at `items` with room for one more than `count`; the new one is
 * zeroed, and what is returned points to it. */
void *lombard_grown(void **items, size_t *count, size_t size);
/* Adds one to a list of the bindings that began empty, as `*lombard_push(&list) = item`. */
#define lombard_push(list) \
    ((__typeof__((list)->ptr))lombard_grown((void **)&(list)->ptr, &(list)->len, sizeof *(list)->ptr))

/* ---- Log --------------------------------------------------------------- */

/* Write to the host's log, tagged there with plugin, version and call. The
 * words are those of `lombard_format`. Above 200 lines a call the rest is
 * dropped: count in loops, don't print. */
void lombard_debug(const char *format, ...);
void lombard_info(const char *format, ...);
void lombard_warn(const char *format, ...);
void lombard_error(const char *format, ...);

/* ---- Reading, and errors ----------------------------------------------- */

/* Transactions that are not closed: one that is closing still holds its
 * position. */
#define LOMBARD_OPEN                                                                             \
    (LOMBARD_PLATFORM_TYPES_TRANSACTION_STATUSES_WAITING                                         \
     | LOMBARD_PLATFORM_TYPES_TRANSACTION_STATUSES_OPENED                                        \
     | LOMBARD_PLATFORM_TYPES_TRANSACTION_STATUSES_CLOSING)

/* Every transaction in one of these states, however many pages they are. False
 * with `error` set where the host can't answer. */
bool lombard_transactions_in(lombard_platform_session_borrow_session_t session, uint8_t statuses,
                             lombard_platform_session_list_transaction_t *transactions,
                             plugin_plugin_error_t *error);

/* Hands an error of the session on. Returns false, for `return lombard_…`. */
bool lombard_session_failed(plugin_plugin_error_t *error,
                            lombard_platform_types_session_error_t cause);
/* Hands an error of the settings on; returns false. */
bool lombard_settings_failed(plugin_plugin_error_t *error,
                             lombard_platform_types_settings_error_t cause);
/* Says why the work can't be done, in the words of `lombard_format`; returns
 * false. */
bool lombard_failed(plugin_plugin_error_t *error, const char *format, ...);

/* A whole number that is a setting; false with `error` set where there is none. */
bool lombard_int_setting(const char *key, int64_t *value, plugin_plugin_error_t *error);

/* ---- Views ------------------------------------------------------------- */

/* Only a widget has views. */
#ifdef LOMBARD_PLATFORM_VIEWS_KIND_TEXT

#define LOMBARD_TEXT LOMBARD_PLATFORM_VIEWS_KIND_TEXT
#define LOMBARD_INTEGER LOMBARD_PLATFORM_VIEWS_KIND_INTEGER
#define LOMBARD_MONEY LOMBARD_PLATFORM_VIEWS_KIND_MONEY
#define LOMBARD_PERCENT LOMBARD_PLATFORM_VIEWS_KIND_PERCENT
#define LOMBARD_QUANTITY LOMBARD_PLATFORM_VIEWS_KIND_QUANTITY
#define LOMBARD_TIME LOMBARD_PLATFORM_VIEWS_KIND_TIME

typedef lombard_platform_views_view_t lombard_view_t;
typedef lombard_platform_views_table_t lombard_table_t;
typedef lombard_platform_views_bar_series_t lombard_bars_t;
typedef lombard_platform_views_line_series_t lombard_lines_t;
typedef lombard_platform_views_cell_t lombard_cell_t;
typedef lombard_platform_views_kind_t lombard_kind_t;

/* Cells: there is none; words, copied; a whole number; an exact number, absent
 * where it can't be sent; microseconds since 1970, UTC. */
lombard_cell_t lombard_absent(void);
lombard_cell_t lombard_text_cell(const plugin_string_t *text);
lombard_cell_t lombard_words_cell(const char *words);
lombard_cell_t lombard_int_cell(int64_t number);
lombard_cell_t lombard_decimal_cell(lombard_decimal_t number);
lombard_cell_t lombard_time_cell(int64_t micros);

/* Begins a view with its heading. */
lombard_view_t lombard_view(const char *title);

/* Begins a table; then a column each, then rows, then it is added. */
lombard_table_t lombard_table(void);
void lombard_column(lombard_table_t *table, const char *key, const char *label,
                    lombard_kind_t kind);
/* Adds a row about the thing of this id, 0 for none, with a cell for each
 * column. */
void lombard_row(lombard_table_t *table, uint64_t id, const lombard_cell_t *cells);

/* Begins stacked bars; then a part each, then bars, then they are added. */
lombard_bars_t lombard_bars(const char *label, lombard_kind_t kind);
void lombard_part(lombard_bars_t *bars, const char *name);
/* Adds a bar with a length for each part; one that is not `ok` is absent. */
void lombard_bar(lombard_bars_t *bars, const char *label, const lombard_decimal_t *lengths);

/* Begins lines over time; then a line, then its points by rising time. */
lombard_lines_t lombard_lines(const char *label, lombard_kind_t kind);
void lombard_line(lombard_lines_t *lines, const char *label);
/* Adds a point to the last line; one that can't be sent is left out. */
void lombard_point(lombard_lines_t *lines, int64_t at, lombard_decimal_t value);

/* Add a part to a view, behind those that it has. What is added belongs to the
 * view from then on. The words are those of `lombard_format`. */
void lombard_add_table(lombard_view_t *view, lombard_table_t table);
void lombard_add_stat(lombard_view_t *view, const char *key, const char *label,
                      lombard_kind_t kind, lombard_cell_t value);
void lombard_add_bars(lombard_view_t *view, lombard_bars_t bars);
void lombard_add_lines(lombard_view_t *view, lombard_lines_t lines);
void lombard_add_text(lombard_view_t *view, const char *format, ...);
void lombard_add_empty(lombard_view_t *view, const char *format, ...);
void lombard_add_warning(lombard_view_t *view, const char *format, ...);

#endif
#endif
