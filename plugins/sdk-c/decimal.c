/* Exact numbers.
 *
 * Owns: arithmetic with 38 digits and one rounding. Must not know: what a number
 * stands for. Intermediate results have 256 bits, so that a product is rounded
 * once, and only where it has to be.
 */
#include "lombard.h"

typedef unsigned __int128 u128;

/* A magnitude of four times 64 bits, the lowest first. */
typedef struct {
    uint64_t part[4];
} wide_t;

/* What was cut off behind the last digit, in units of that digit. */
typedef enum { NOTHING, LESS_THAN_HALF, HALF, MORE_THAN_HALF } rest_t;

#define MAX_SCALE 28
#define SENT_PLACES 9
#define GREATEST (((u128)1 << 127) - 1)

static const lombard_decimal_t NONE = {0, 0, false};

static u128 magnitude(__int128 number) {
    return number < 0 ? -(u128)number : (u128)number;
}

static wide_t widened(u128 number) {
    return (wide_t){{(uint64_t)number, (uint64_t)(number >> 64), 0, 0}};
}

static bool is_small(const wide_t *wide) {
    return wide->part[3] == 0 && wide->part[2] == 0 && wide->part[1] >> 63 == 0;
}

static u128 narrowed(const wide_t *wide) {
    return (u128)wide->part[1] << 64 | wide->part[0];
}

/* `wide × factor`; what does not fit is lost, so it has to fit. */
static wide_t times(wide_t wide, uint64_t factor) {
    u128 carry = 0;
    for (int at = 0; at < 4; at++) {
        carry += (u128)wide.part[at] * factor;
        wide.part[at] = (uint64_t)carry;
        carry >>= 64;
    }
    return wide;
}

static uint64_t by_ten(wide_t *wide) {
    u128 rest = 0;
    for (int at = 3; at >= 0; at--) {
        rest = rest << 64 | wide->part[at];
        wide->part[at] = (uint64_t)(rest / 10);
        rest %= 10;
    }
    return (uint64_t)rest;
}

static int compare_wide(const wide_t *one, const wide_t *other) {
    for (int at = 3; at >= 0; at--) {
        if (one->part[at] != other->part[at]) return one->part[at] < other->part[at] ? -1 : 1;
    }
    return 0;
}

static wide_t sum(wide_t one, const wide_t *other) {
    u128 carry = 0;
    for (int at = 0; at < 4; at++) {
        carry += (u128)one.part[at] + other->part[at];
        one.part[at] = (uint64_t)carry;
        carry >>= 64;
    }
    return one;
}

/* `one − other`, which must not be below 0. */
static wide_t difference(wide_t one, const wide_t *other) {
    uint64_t borrow = 0;
    for (int at = 0; at < 4; at++) {
        u128 taken = (u128)other->part[at] + borrow;
        borrow = one.part[at] < taken;
        one.part[at] -= (uint64_t)taken;
    }
    return one;
}

static wide_t product(u128 one, u128 other) {
    wide_t low = times(widened(one), (uint64_t)other);
    wide_t high = times(widened(one), (uint64_t)(other >> 64));
    wide_t shifted = {{0, high.part[0], high.part[1], high.part[2]}};
    return sum(low, &shifted);
}

/* One digit more is cut off. */
static rest_t cut(uint64_t digit, rest_t rest) {
    if (digit == 5) return rest == NOTHING ? HALF : MORE_THAN_HALF;
    if (digit > 5) return MORE_THAN_HALF;
    return digit == 0 && rest == NOTHING ? NOTHING : LESS_THAN_HALF;
}

/* The number with at most so many places and 38 digits, rounded half to even. */
static lombard_decimal_t rounded(bool is_negative, wide_t wide, int scale, rest_t rest, int places) {
    while (scale > places || (scale > 0 && !is_small(&wide))) {
        rest = cut(by_ten(&wide), rest);
        scale--;
    }
    if (!is_small(&wide)) return NONE;
    u128 mantissa = narrowed(&wide);
    bool is_up = rest == MORE_THAN_HALF || (rest == HALF && mantissa % 2 == 1);
    if (is_up && mantissa == GREATEST) return NONE;
    mantissa += is_up;
    /* Short numbers keep what is made of them short. */
    while (scale > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        scale--;
    }
    __int128 number = (__int128)mantissa;
    return (lombard_decimal_t){is_negative ? -number : number, (uint8_t)scale, true};
}

/* The magnitudes of two numbers at the same scale, which is returned. */
static int aligned(lombard_decimal_t one, lombard_decimal_t other, wide_t *left, wide_t *right) {
    *left = widened(magnitude(one.mantissa));
    *right = widened(magnitude(other.mantissa));
    /* 127 bits and 28 digits are 221 bits. */
    for (int at = one.scale; at < other.scale; at++) *left = times(*left, 10);
    for (int at = other.scale; at < one.scale; at++) *right = times(*right, 10);
    return one.scale > other.scale ? one.scale : other.scale;
}

lombard_decimal_t lombard_int(int64_t number) {
    return (lombard_decimal_t){number, 0, true};
}

lombard_decimal_t lombard_from_wire(lombard_wire_t wire) {
    if (wire.scale > MAX_SCALE) return NONE;
    return (lombard_decimal_t){wire.mantissa, wire.scale, true};
}

lombard_decimal_t lombard_or_zero(lombard_option_wire_t wire) {
    return wire.is_some ? lombard_from_wire(wire.val) : lombard_int(0);
}

bool lombard_to_wire(lombard_decimal_t number, lombard_wire_t *wire) {
    if (!number.ok) return false;
    wide_t wide = widened(magnitude(number.mantissa));
    bool is_negative = number.mantissa < 0;
    lombard_decimal_t sent = rounded(is_negative, wide, number.scale, NOTHING, MAX_SCALE);
    for (int places = SENT_PLACES; places >= 0; places--) {
        if (sent.ok && sent.mantissa >= INT64_MIN && sent.mantissa <= INT64_MAX) {
            *wire = (lombard_wire_t){(int64_t)sent.mantissa, sent.scale};
            return true;
        }
        sent = rounded(is_negative, wide, number.scale, NOTHING, places);
    }
    if (sent.ok && sent.mantissa >= INT64_MIN && sent.mantissa <= INT64_MAX) {
        *wire = (lombard_wire_t){(int64_t)sent.mantissa, sent.scale};
        return true;
    }
    return false;
}

lombard_decimal_t lombard_neg(lombard_decimal_t number) {
    number.mantissa = -number.mantissa;
    return number;
}

lombard_decimal_t lombard_add(lombard_decimal_t one, lombard_decimal_t other) {
    if (!one.ok || !other.ok) return NONE;
    wide_t left, right;
    int scale = aligned(one, other, &left, &right);
    bool is_negative = one.mantissa < 0;
    if (is_negative == (other.mantissa < 0)) {
        return rounded(is_negative, sum(left, &right), scale, NOTHING, MAX_SCALE);
    }
    if (compare_wide(&left, &right) < 0) {
        return rounded(!is_negative, difference(right, &left), scale, NOTHING, MAX_SCALE);
    }
    return rounded(is_negative, difference(left, &right), scale, NOTHING, MAX_SCALE);
}

lombard_decimal_t lombard_sub(lombard_decimal_t one, lombard_decimal_t other) {
    return lombard_add(one, lombard_neg(other));
}

lombard_decimal_t lombard_mul(lombard_decimal_t one, lombard_decimal_t other) {
    if (!one.ok || !other.ok) return NONE;
    wide_t wide = product(magnitude(one.mantissa), magnitude(other.mantissa));
    bool is_negative = (one.mantissa < 0) != (other.mantissa < 0);
    return rounded(is_negative, wide, one.scale + other.scale, NOTHING, MAX_SCALE);
}

lombard_decimal_t lombard_div(lombard_decimal_t one, lombard_decimal_t other) {
    if (!one.ok || !other.ok || other.mantissa == 0) return NONE;
    wide_t rest = widened(magnitude(one.mantissa));
    u128 divisor = magnitude(other.mantissa);
    int scale = one.scale - other.scale;
    /* As many digits as there is room for, and no place more than can be. */
    while (scale < MAX_SCALE && rest.part[3] >> 60 == 0) {
        rest = times(rest, 10);
        scale++;
    }
    wide_t quotient = {{0, 0, 0, 0}};
    u128 left = 0;
    for (int bit = 255; bit >= 0; bit--) {
        left = left << 1 | (rest.part[bit / 64] >> (bit % 64) & 1);
        if (left >= divisor) {
            left -= divisor;
            quotient.part[bit / 64] |= (uint64_t)1 << (bit % 64);
        }
    }
    rest_t cut_off = left == 0            ? NOTHING
                     : left < divisor - left ? LESS_THAN_HALF
                     : left == divisor - left ? HALF
                                              : MORE_THAN_HALF;
    bool is_negative = (one.mantissa < 0) != (other.mantissa < 0);
    return rounded(is_negative, quotient, scale, cut_off, MAX_SCALE);
}

int lombard_compare(lombard_decimal_t one, lombard_decimal_t other) {
    bool is_negative = one.mantissa < 0;
    if (is_negative != (other.mantissa < 0)) return is_negative ? -1 : 1;
    wide_t left, right;
    aligned(one, other, &left, &right);
    int order = compare_wide(&left, &right);
    return is_negative ? -order : order;
}

bool lombard_is_positive(lombard_decimal_t number) {
    return number.ok && number.mantissa > 0;
}

bool lombard_fits(lombard_decimal_t number) {
    if (!number.ok) return false;
    lombard_decimal_t size = {(__int128)magnitude(number.mantissa), number.scale, true};
    return lombard_compare(size, lombard_int(INT64_MAX)) <= 0;
}
