/* {{title}}: a close above its moving average is bought, one below sold.
 *
 * Ask for sets: `..._session_bars_of` reads the bars of all symbols at once.
 * Numbers are decimals; add and compare them by the functions of `lombard.h`.
 * The time is the session's: a plugin has no clock.
 */
#include "lombard.h"

typedef lombard_platform_session_symbol_bars_t symbol_bars_t;
typedef lombard_platform_analysis_recommendation_t recommendation_t;

static lombard_decimal_t least_of(lombard_decimal_t one, lombard_decimal_t other) {
    return lombard_compare(one, other) < 0 ? one : other;
}

/* What the bars of a symbol say; false where they are no numbers to reckon with. */
static bool recommend(const symbol_bars_t *answer, recommendation_t *said) {
    lombard_decimal_t sum = lombard_int(0), hundred = lombard_int(100);
    size_t days = answer->bars.len;
    for (size_t at = 0; at < days; at++) {
        sum = lombard_add(sum, lombard_from_wire(answer->bars.ptr[at].close));
    }
    lombard_decimal_t average = lombard_div(sum, lombard_int((int64_t)days));
    lombard_decimal_t close = lombard_from_wire(answer->bars.ptr[days - 1].close);
    lombard_decimal_t gap = lombard_div(lombard_mul(lombard_sub(close, average), hundred), average);
    if (!gap.ok) return false;

    bool is_above = lombard_is_positive(gap);
    lombard_decimal_t distance = is_above ? gap : lombard_neg(gap);
    /* Closer than one percent says nothing. */
    bool says = lombard_compare(distance, lombard_int(1)) >= 0;
    uint8_t action = is_above ? LOMBARD_PLATFORM_ANALYSIS_ACTION_BUY
                              : LOMBARD_PLATFORM_ANALYSIS_ACTION_SELL;
    said->symbol = lombard_format("%t", &answer->symbol);
    said->action = says ? action : LOMBARD_PLATFORM_ANALYSIS_ACTION_HOLD;
    said->risk = LOMBARD_PLATFORM_ANALYSIS_RISK_LEVEL_MEDIUM;
    said->horizon = LOMBARD_PLATFORM_ANALYSIS_TIME_HORIZON_MEDIUM_TERM;
    said->explanation = lombard_format("The last close of %t is %s its %u-day average.",
                                       &answer->symbol, is_above ? "above" : "not above",
                                       (uint64_t)days);
    /* The further away, the surer, up to all there is. */
    lombard_decimal_t sure = least_of(lombard_mul(distance, lombard_int(10)), hundred);
    lombard_decimal_t profit = says ? least_of(distance, hundred) : lombard_int(0);
    return lombard_to_wire(sure, &said->confidence)
           && lombard_to_wire(profit, &said->expected_profit_percent);
}

bool exports_plugin_analyze(plugin_borrow_session_t session, plugin_analysis_request_t *request,
                            plugin_list_recommendation_t *recommendations,
                            plugin_plugin_error_t *error) {
    int64_t days;
    if (!lombard_int_setting("days", &days, error)) return false;
    int64_t until = lombard_platform_session_method_session_as_of(session);
    lombard_platform_session_list_symbol_bars_t answers;
    lombard_platform_types_session_error_t cause;
    if (!lombard_platform_session_method_session_bars_of(session, &request->symbols, until,
                                                         (uint32_t)days, &answers, &cause)) {
        return lombard_session_failed(error, cause);
    }
    *recommendations = (plugin_list_recommendation_t){NULL, 0};
    for (size_t at = 0; at < answers.len; at++) {
        const symbol_bars_t *answer = &answers.ptr[at];
        recommendation_t said = {0};
        if ((int64_t)answer->bars.len == days && recommend(answer, &said)) {
            *lombard_push(recommendations) = said;
        } else {
            lombard_info("%t: %u of %u daily bars, nothing to say", &answer->symbol,
                         (uint64_t)answer->bars.len, (uint64_t)days);
        }
    }
    return true;
}
