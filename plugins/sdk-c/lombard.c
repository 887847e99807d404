/* Texts, lists, views, log lines and errors; see `lombard.h`.
 *
 * Owns: what a plugin hands to the host, in the memory that the bindings give
 * back. Must not know: arithmetic, which is in `decimal.c`.
 */
#include "lombard.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The most transactions that the host gives at once. */
#define PAGE 100000

void *lombard_room(size_t count, size_t size) {
    void *room = calloc(count ? count : 1, size);
    if (!room) __builtin_trap();
    return room;
}

void *lombard_grown(void **items, size_t *count, size_t size) {
    /* Room is doubled, at each power of two. */
    if ((*count & (*count - 1)) == 0) {
        size_t room = *count ? *count * 2 : 1;
        void *grown = room > SIZE_MAX / size ? NULL : realloc(*items, room * size);
        if (!grown) __builtin_trap();
        *items = grown;
    }
    char *added = (char *)*items + *count * size;
    memset(added, 0, size);
    *count += 1;
    return added;
}

/* ---- Texts ------------------------------------------------------------- */

static void append(plugin_string_t *text, const void *bytes, size_t len) {
    uint8_t *grown = realloc(text->ptr, text->len + len + 1);
    if (!grown) __builtin_trap();
    memcpy(grown + text->len, bytes, len);
    text->ptr = grown;
    text->len += len;
}

static void append_number(plugin_string_t *text, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    append(text, digits + at, sizeof digits - at);
}

static plugin_string_t formatted(const char *format, va_list arguments) {
    plugin_string_t text = {NULL, 0};
    for (;;) {
        size_t plain = strcspn(format, "%");
        append(&text, format, plain);
        format += plain;
        if (!*format) return text;
        switch (format[1]) {
        case 's': {
            const char *words = va_arg(arguments, const char *);
            append(&text, words, strlen(words));
            break;
        }
        case 't': {
            const plugin_string_t *other = va_arg(arguments, const plugin_string_t *);
            append(&text, other->ptr, other->len);
            break;
        }
        case 'u':
            append_number(&text, va_arg(arguments, uint64_t));
            break;
        case '%':
            append(&text, "%", 1);
            break;
        default:
            __builtin_trap();
        }
        format += 2;
    }
}

/* The text of a function that takes a format and what belongs to it. */
#define FORMATTED(text, format)          \
    va_list arguments;                   \
    va_start(arguments, format);         \
    plugin_string_t text = formatted(format, arguments); \
    va_end(arguments)

plugin_string_t lombard_format(const char *format, ...) {
    FORMATTED(text, format);
    return text;
}

int lombard_text_compare(const plugin_string_t *one, const plugin_string_t *other) {
    size_t shared = one->len < other->len ? one->len : other->len;
    int order = shared ? memcmp(one->ptr, other->ptr, shared) : 0;
    if (order) return order;
    return (one->len > other->len) - (one->len < other->len);
}

/* ---- Log --------------------------------------------------------------- */

static void write_line(lombard_platform_log_level_t level, plugin_string_t text) {
    lombard_platform_log_write(level, &text);
    free(text.ptr);
}

void lombard_debug(const char *format, ...) {
    FORMATTED(text, format);
    write_line(LOMBARD_PLATFORM_LOG_LEVEL_DEBUG, text);
}

void lombard_info(const char *format, ...) {
    FORMATTED(text, format);
    write_line(LOMBARD_PLATFORM_LOG_LEVEL_INFO, text);
}

void lombard_warn(const char *format, ...) {
    FORMATTED(text, format);
    write_line(LOMBARD_PLATFORM_LOG_LEVEL_WARN, text);
}

void lombard_error(const char *format, ...) {
    FORMATTED(text, format);
    write_line(LOMBARD_PLATFORM_LOG_LEVEL_ERROR, text);
}

/* ---- Reading, and errors ----------------------------------------------- */

bool lombard_transactions_in(lombard_platform_session_borrow_session_t session, uint8_t statuses,
                             lombard_platform_session_list_transaction_t *transactions,
                             plugin_plugin_error_t *error) {
    lombard_platform_session_transaction_filter_t filter = {.statuses = statuses};
    lombard_platform_session_list_transaction_t page;
    lombard_platform_types_session_error_t cause;
    *transactions = (lombard_platform_session_list_transaction_t){NULL, 0};
    do {
        uint64_t *after = transactions->len ? &transactions->ptr[transactions->len - 1].id : NULL;
        if (!lombard_platform_session_method_session_transactions(session, &filter, after, PAGE,
                                                                  &page, &cause)) {
            return lombard_session_failed(error, cause);
        }
        if (!transactions->len) {
            *transactions = page;
            continue;
        }
        size_t all = transactions->len + page.len;
        void *grown = realloc(transactions->ptr, all * sizeof *transactions->ptr);
        if (!grown) __builtin_trap();
        transactions->ptr = grown;
        if (page.len) memcpy(transactions->ptr + transactions->len, page.ptr, page.len * sizeof *page.ptr);
        transactions->len = all;
    } while (page.len == PAGE);
    return true;
}

bool lombard_session_failed(plugin_plugin_error_t *error,
                            lombard_platform_types_session_error_t cause) {
    error->tag = LOMBARD_PLATFORM_TYPES_PLUGIN_ERROR_SESSION;
    error->val.session = cause;
    return false;
}

bool lombard_settings_failed(plugin_plugin_error_t *error,
                             lombard_platform_types_settings_error_t cause) {
    error->tag = LOMBARD_PLATFORM_TYPES_PLUGIN_ERROR_SETTINGS;
    error->val.settings = cause;
    return false;
}

bool lombard_failed(plugin_plugin_error_t *error, const char *format, ...) {
    FORMATTED(text, format);
    error->tag = LOMBARD_PLATFORM_TYPES_PLUGIN_ERROR_OTHER;
    error->val.other = text;
    return false;
}

bool lombard_int_setting(const char *key, int64_t *value, plugin_plugin_error_t *error) {
    plugin_string_t name = {(uint8_t *)key, strlen(key)};
    lombard_platform_settings_option_value_t found;
    lombard_platform_settings_settings_error_t cause;
    if (!lombard_platform_settings_get(&name, &found, &cause)) {
        return lombard_settings_failed(error, cause);
    }
    if (!found.is_some || found.val.tag != LOMBARD_PLATFORM_SETTINGS_VALUE_INT) {
        return lombard_failed(error, "the setting `%s` is no whole number", key);
    }
    *value = found.val.val.int_;
    return true;
}

/* ---- Views ------------------------------------------------------------- */

#ifdef LOMBARD_PLATFORM_VIEWS_KIND_TEXT

static plugin_string_t copied(const char *words) {
    return lombard_format("%s", words);
}

lombard_cell_t lombard_absent(void) {
    return (lombard_cell_t){.tag = LOMBARD_PLATFORM_VIEWS_CELL_ABSENT};
}

lombard_cell_t lombard_text_cell(const plugin_string_t *text) {
    return (lombard_cell_t){.tag = LOMBARD_PLATFORM_VIEWS_CELL_TEXT,
                            .val.text = lombard_format("%t", text)};
}

lombard_cell_t lombard_words_cell(const char *words) {
    return (lombard_cell_t){.tag = LOMBARD_PLATFORM_VIEWS_CELL_TEXT, .val.text = copied(words)};
}

lombard_cell_t lombard_int_cell(int64_t number) {
    return (lombard_cell_t){.tag = LOMBARD_PLATFORM_VIEWS_CELL_INTEGER, .val.integer = number};
}

lombard_cell_t lombard_decimal_cell(lombard_decimal_t number) {
    lombard_cell_t cell = {.tag = LOMBARD_PLATFORM_VIEWS_CELL_DECIMAL};
    return lombard_to_wire(number, &cell.val.decimal) ? cell : lombard_absent();
}

lombard_cell_t lombard_time_cell(int64_t micros) {
    return (lombard_cell_t){.tag = LOMBARD_PLATFORM_VIEWS_CELL_TIME, .val.time = micros};
}

lombard_view_t lombard_view(const char *title) {
    return (lombard_view_t){.title = copied(title)};
}

lombard_table_t lombard_table(void) {
    return (lombard_table_t){0};
}

void lombard_column(lombard_table_t *table, const char *key, const char *label,
                    lombard_kind_t kind) {
    *lombard_push(&table->columns) =
        (lombard_platform_views_column_t){copied(key), copied(label), kind};
}

void lombard_row(lombard_table_t *table, uint64_t id, const lombard_cell_t *cells) {
    lombard_platform_views_row_t *row = lombard_push(&table->rows);
    row->id.is_some = id != 0;
    row->id.val = id;
    row->cells.len = table->columns.len;
    row->cells.ptr = lombard_room(row->cells.len, sizeof *cells);
    memcpy(row->cells.ptr, cells, row->cells.len * sizeof *cells);
}

lombard_bars_t lombard_bars(const char *label, lombard_kind_t kind) {
    return (lombard_bars_t){.label = copied(label), .kind = kind};
}

void lombard_part(lombard_bars_t *bars, const char *name) {
    *lombard_push(&bars->parts) = copied(name);
}

void lombard_bar(lombard_bars_t *bars, const char *label, const lombard_decimal_t *lengths) {
    lombard_platform_views_stack_t *stack = lombard_push(&bars->stacks);
    stack->label = copied(label);
    for (size_t at = 0; at < bars->parts.len; at++) {
        lombard_wire_t wire = {0, 0};
        bool is_some = lombard_to_wire(lengths[at], &wire);
        *lombard_push(&stack->lengths) = (lombard_platform_views_option_decimal_t){is_some, wire};
    }
}

lombard_lines_t lombard_lines(const char *label, lombard_kind_t kind) {
    return (lombard_lines_t){.label = copied(label), .kind = kind};
}

void lombard_line(lombard_lines_t *lines, const char *label) {
    lombard_push(&lines->lines)->label = copied(label);
}

void lombard_point(lombard_lines_t *lines, int64_t at, lombard_decimal_t value) {
    lombard_wire_t wire;
    if (!lines->lines.len || !lombard_to_wire(value, &wire)) return;
    lombard_platform_views_line_t *line = &lines->lines.ptr[lines->lines.len - 1];
    *lombard_push(&line->points) = (lombard_platform_views_point_t){at, wire};
}

static lombard_platform_views_block_t *added(lombard_view_t *view, uint8_t tag) {
    lombard_platform_views_block_t *block = lombard_push(&view->blocks);
    block->tag = tag;
    return block;
}

void lombard_add_table(lombard_view_t *view, lombard_table_t table) {
    added(view, LOMBARD_PLATFORM_VIEWS_BLOCK_TABLE)->val.table = table;
}

void lombard_add_stat(lombard_view_t *view, const char *key, const char *label,
                      lombard_kind_t kind, lombard_cell_t value) {
    added(view, LOMBARD_PLATFORM_VIEWS_BLOCK_STAT)->val.stat =
        (lombard_platform_views_stat_t){copied(key), copied(label), kind, value};
}

void lombard_add_bars(lombard_view_t *view, lombard_bars_t bars) {
    added(view, LOMBARD_PLATFORM_VIEWS_BLOCK_BARS)->val.bars = bars;
}

void lombard_add_lines(lombard_view_t *view, lombard_lines_t lines) {
    added(view, LOMBARD_PLATFORM_VIEWS_BLOCK_LINES)->val.lines = lines;
}

void lombard_add_text(lombard_view_t *view, const char *format, ...) {
    FORMATTED(text, format);
    added(view, LOMBARD_PLATFORM_VIEWS_BLOCK_TEXT)->val.text = text;
}

void lombard_add_empty(lombard_view_t *view, const char *format, ...) {
    FORMATTED(text, format);
    added(view, LOMBARD_PLATFORM_VIEWS_BLOCK_EMPTY)->val.empty = text;
}

void lombard_add_warning(lombard_view_t *view, const char *format, ...) {
    FORMATTED(text, format);
    added(view, LOMBARD_PLATFORM_VIEWS_BLOCK_WARNING)->val.warning = text;
}

#endif
