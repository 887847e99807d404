/* A widget that shows what the helper makes of numbers, texts and views.
 *
 * Owns: one line for each thing that is tried. Must not know: what is expected.
 */
#include "lombard.h"

static lombard_decimal_t number(int64_t mantissa, uint8_t scale) {
    return lombard_from_wire((lombard_wire_t){mantissa, scale});
}

static void shows(lombard_view_t *view, const char *key, lombard_decimal_t value) {
    lombard_add_stat(view, key, key, LOMBARD_QUANTITY, lombard_decimal_cell(value));
}

static void compares(lombard_view_t *view, const char *key, lombard_decimal_t one,
                     lombard_decimal_t other) {
    int order = lombard_compare(one, other);
    lombard_add_stat(view, key, key, LOMBARD_INTEGER,
                     lombard_int_cell((order > 0) - (order < 0)));
}

static void decimals(lombard_view_t *view) {
    lombard_decimal_t one = lombard_int(1), most = lombard_int(INT64_MAX);
    lombard_decimal_t twice = lombard_add(most, most);
    shows(view, "sum", lombard_add(number(1, 1), number(2, 1)));
    shows(view, "difference", lombard_sub(one, number(1005, 3)));
    shows(view, "product", lombard_mul(number(-110, 2), number(11, 1)));
    shows(view, "quotient", lombard_div(lombard_int(2), lombard_int(3)));
    shows(view, "there_and_back", lombard_mul(lombard_div(one, lombard_int(8)), lombard_int(8)));
    shows(view, "opposite", lombard_neg(number(3, 1)));
    shows(view, "largest", most);
    shows(view, "half_of_twice", lombard_div(twice, lombard_int(2)));
    shows(view, "too_large_to_send", twice);
    shows(view, "by_zero", lombard_div(one, lombard_int(0)));
    shows(view, "no_such_scale", number(1, 29));
    shows(view, "of_no_number", lombard_add(one, number(1, 29)));
    shows(view, "absent", lombard_or_zero((lombard_option_wire_t){.is_some = false}));
    compares(view, "same", number(30, 2), number(3, 1));
    compares(view, "less", number(-1, 0), number(5, 1));
    compares(view, "more", number(-5, 1), number(-1, 0));
}

static void parts(lombard_view_t *view) {
    lombard_table_t table = lombard_table();
    lombard_column(&table, "what", "What", LOMBARD_TEXT);
    lombard_column(&table, "when", "When", LOMBARD_TIME);
    plugin_string_t text = lombard_format("%s has %u, 100 %%", "AAPL", (uint64_t)5);
    lombard_row(&table, 7, (lombard_cell_t[]){lombard_text_cell(&text), lombard_time_cell(0)});
    lombard_row(&table, 0, (lombard_cell_t[]){lombard_words_cell("none"), lombard_absent()});
    lombard_add_table(view, table);

    lombard_bars_t bars = lombard_bars("Bars", LOMBARD_MONEY);
    lombard_part(&bars, "used");
    lombard_part(&bars, "free");
    lombard_bar(&bars, "A", (lombard_decimal_t[]){number(15, 1), number(1, 29)});
    lombard_add_bars(view, bars);

    lombard_lines_t lines = lombard_lines("Lines", LOMBARD_PERCENT);
    lombard_line(&lines, "L");
    lombard_point(&lines, 0, lombard_int(1));
    lombard_point(&lines, 1000000, number(1, 29));
    lombard_point(&lines, 2000000, lombard_int(2));
    lombard_add_lines(view, lines);

    lombard_add_text(view, "%t!", &text);
    lombard_add_warning(view, "%s", "not sure");
}

bool exports_plugin_render(plugin_borrow_session_t session, plugin_render_request_t *request,
                           plugin_view_t *view, plugin_plugin_error_t *error) {
    (void)session, (void)request, (void)error;
    *view = lombard_view("Helper");
    decimals(view);
    parts(view);
    return true;
}
