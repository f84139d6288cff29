/* SPDX-License-Identifier: Apache-2.0 */
#include "profile_file.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bounds_text.h"
#include "decimal.h"
#include "eval/hex.h"

#define LINE_MAX_BYTES 128U
#define WORDS          4U

struct reading {
    const char *name;
    unsigned line;
    struct dg_prescription profile;
    unsigned at[DG_BOUNDS]; /* line of each number; 0: not yet */
    unsigned device_at;
    unsigned counter_at;
    unsigned age_at;
    struct dg_problem *problem;
};

static const char *const ages[] = {"none", "child", "teen", "adult"};

const char *dg_age_words(enum dg_age_class age_class)
{
    return ((unsigned)age_class <= 3U) ? ages[age_class] : ages[0];
}

__attribute__((format(printf, 2, 3))) static enum dg_status refuse(
    const struct reading *reading, const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    dg_problem_set(
        reading->problem, "%s:%u: %s", reading->name, reading->line, text);
    return DG_E_MALFORMED;
}

/* Each thing once: the second word would otherwise win in silence. */
static enum dg_status claim(struct reading *reading,
                            unsigned *at,
                            const char *key)
{
    if (*at != 0U) {
        return refuse(reading, "'%s' is there a second time", key);
    }
    *at = reading->line;
    return DG_OK;
}

static enum dg_status read_device(struct reading *reading, const char *value)
{
    const enum dg_status status = claim(reading, &reading->device_at, "device");

    if (status != DG_OK) {
        return status;
    }
    return dg_hex_get(value, DG_BUF_OF(reading->profile.device.byte))
               ? DG_OK
               : refuse(reading,
                        "device is '%s': write the 16 hex digits that dosegate "
                        "limits show tells",
                        value);
}

static enum dg_status read_counter(struct reading *reading, const char *value)
{
    const enum dg_status status =
        claim(reading, &reading->counter_at, "counter");
    char *end = NULL;
    const unsigned long number = strtoul(value, &end, 10);

    if (status != DG_OK) {
        return status;
    }
    if ((strspn(value, "0123456789") != strlen(value)) || (*end != '\0') ||
        (number == 0U) || (strlen(value) > 9U)) {
        return refuse(
            reading,
            "counter is '%s': write a whole number from 1, above that "
            "of the profile before",
            value);
    }
    reading->profile.counter = (uint32_t)number;
    return DG_OK;
}

static enum dg_status read_age(struct reading *reading, const char *value)
{
    const enum dg_status status = claim(reading, &reading->age_at, "age");

    if (status != DG_OK) {
        return status;
    }
    for (unsigned i = 1U; i <= 3U; i++) {
        if (strcmp(value, ages[i]) == 0) {
            reading->profile.age_class = (enum dg_age_class)i;
            return DG_OK;
        }
    }
    return refuse(reading, "age is '%s': write child, teen or adult", value);
}

static enum dg_status read_bound(struct reading *reading,
                                 unsigned bound,
                                 const char *value,
                                 const char *unit)
{
    const int32_t scale = dg_bound_scale(bound);
    const char *why = NULL;
    int32_t thousandths = 0;
    enum dg_status status =
        claim(reading, &reading->at[bound], dg_bound_key(bound));

    if (status != DG_OK) {
        return status;
    }
    if (strcmp(unit, dg_bound_unit(bound)) != 0) {
        return refuse(reading,
                      "%s: the unit is %s, not '%.16s'",
                      dg_bound_key(bound),
                      dg_bound_unit(bound),
                      unit);
    }
    status = dg_decimal_read(value, &thousandths, &why);
    if (status != DG_OK) {
        return refuse(
            reading, "%s = %.16s: %s", dg_bound_key(bound), value, why);
    }
    if ((thousandths % scale) != 0) {
        return refuse(reading,
                      "%s = %.16s: %s",
                      dg_bound_key(bound),
                      value,
                      (scale == 1000) ? "write a whole number"
                                      : "write one decimal at most");
    }
    reading->profile.bounds.value[bound] = thousandths / scale;
    return DG_OK;
}

static enum dg_status read_words(struct reading *reading,
                                 char *word[WORDS],
                                 unsigned count)
{
    static const struct {
        const char *name;
        enum dg_status (*read)(struct reading *reading, const char *value);
    } heads[] = {
        {"device", read_device}, {"counter", read_counter}, {"age", read_age}};
    const bool is_pair = (count >= 3U) && (strcmp(word[1], "=") == 0);

    if (!is_pair) {
        return refuse(reading,
                      "'%s': write name = number unit, with blanks between",
                      word[0]);
    }
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        if (strcmp(word[0], dg_bound_key(i)) == 0) {
            return (count == 4U)
                       ? read_bound(reading, i, word[2], word[3])
                       : refuse(reading, "'%s' needs its unit", word[0]);
        }
    }
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        if (strcmp(word[0], heads[i].name) == 0) {
            return (count == 3U) ? heads[i].read(reading, word[2])
                                 : refuse(reading,
                                          "'%s': there is a word too much",
                                          word[0]);
        }
    }
    return refuse(reading, "there is no limit '%s'", word[0]);
}

static enum dg_status read_line(struct reading *reading, char *line)
{
    char *word[WORDS] = {NULL};
    unsigned count = 0;
    char *rest = NULL;

    line[strcspn(line, "#")] = '\0';
    for (char *at = strtok_r(line, " \t\r", &rest); at != NULL;
         at = strtok_r(NULL, " \t\r", &rest)) {
        if (count == WORDS) {
            return refuse(reading, "'%s': there is a word too much", word[0]);
        }
        word[count++] = at;
    }
    return (count == 0U) ? DG_OK : read_words(reading, word, count);
}

static enum dg_status read_lines(struct reading *reading, dg_span bytes)
{
    enum dg_status status = DG_OK;
    char line[LINE_MAX_BYTES];
    size_t from = 0;

    while ((status == DG_OK) && (from < bytes.size)) {
        const uint8_t *end = memchr(&bytes.at[from], '\n', bytes.size - from);
        const size_t size =
            (end == NULL) ? bytes.size - from : (size_t)(end - &bytes.at[from]);

        reading->line++;
        if (size >= sizeof(line)) {
            return refuse(reading, "%s", "a line has at most 127 bytes");
        }
        memcpy(line, &bytes.at[from], size);
        line[size] = '\0';
        if (memchr(line, '\0', size) != NULL) {
            return refuse(reading, "%s", "this is no text");
        }
        status = read_line(reading, line);
        from += size + 1U;
    }
    return status;
}

static enum dg_status miss(const struct reading *reading, const char *key)
{
    dg_problem_set(reading->problem,
                   "%s: '%s' is missing: every limit has to be written down",
                   reading->name,
                   key);
    return DG_E_MALFORMED;
}

static enum dg_status check_whole(const struct reading *reading)
{
    if (reading->device_at == 0U) {
        return miss(reading, "device");
    }
    if (reading->counter_at == 0U) {
        return miss(reading, "counter");
    }
    if (reading->age_at == 0U) {
        return miss(reading, "age");
    }
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        if (reading->at[i] == 0U) {
            return miss(reading, dg_bound_key(i));
        }
    }
    return DG_OK;
}

/* Why a number that is inside its own range does not go with the others. */
static const char *relation_of(unsigned bound)
{
    switch (bound) {
    case DG_BOUND_DAY:
        return "less in 24 h than one micro-dose";
    case DG_BOUND_RESCUE_BELOW:
        return "the pump cannot rescue by itself without a rescue dose";
    case DG_BOUND_MICRO_BELOW:
        return "it goes with a micro-dose, and not above floor";
    default:
        return "less than in a shorter time";
    }
}

static enum dg_status check_range(struct reading *reading)
{
    const struct dg_prescription *profile = &reading->profile;
    const unsigned bound =
        dg_bounds_unsound(&profile->bounds, profile->age_class);
    struct dg_bounds edge = profile->bounds;
    char text[DG_BOUND_TEXT_MAX];
    char most[DG_BOUND_TEXT_MAX];
    int32_t low = 0;
    int32_t high = 0;

    if ((bound == DG_BOUNDS) ||
        !dg_bound_range(bound, profile->age_class, &low, &high)) {
        return DG_OK;
    }
    dg_bound_write(bound, &profile->bounds, text);

    const int32_t value = profile->bounds.value[bound];
    const bool is_above = value > high;
    /* Of glucagon none is a decision, and then it is the others that matter. */
    const bool is_below =
        (value < low) && ((value > 0) || (bound < DG_BOUND_MICRO) ||
                          (bound > DG_BOUND_MICRO_BELOW));

    edge.value[bound] = is_above ? high : low;
    dg_bound_write(bound, &edge, most);
    if (is_above || is_below) {
        dg_problem_set(reading->problem,
                       "%s:%u: %s: %s is %s what the age class '%s' may have, "
                       "at %s %s",
                       reading->name,
                       reading->at[bound],
                       dg_bound_key(bound),
                       text,
                       is_above ? "above" : "below",
                       dg_age_words(profile->age_class),
                       is_above ? "most" : "least",
                       most);
    } else {
        dg_problem_set(reading->problem,
                       "%s:%u: %s: %s: %s",
                       reading->name,
                       reading->at[bound],
                       dg_bound_key(bound),
                       text,
                       relation_of(bound));
    }
    return DG_E_RANGE;
}

enum dg_status dg_profile_file_read(const char *name,
                                    dg_span bytes,
                                    struct dg_prescription *profile,
                                    struct dg_problem *problem)
{
    struct reading reading = {.name = name, .problem = problem};
    enum dg_status status = read_lines(&reading, bytes);

    if (status == DG_OK) {
        status = check_whole(&reading);
    }
    if (status == DG_OK) {
        status = check_range(&reading);
    }
    if (status == DG_OK) {
        *profile = reading.profile;
    }
    return status;
}

void dg_profile_file_write(const struct dg_prescription *profile,
                           char text[DG_PROFILE_TEXT_SIZE])
{
    char device[(2U * DG_DEVICE_ID_SIZE) + 1U];
    size_t used = 0;

    dg_hex_put(DG_SPAN_OF(profile->device.byte), device);
    used += (size_t)snprintf(
        text,
        DG_PROFILE_TEXT_SIZE,
        "device = %s  # for this pump and no other\n"
        "counter = %u  # above that of the profile before\n"
        "age = %s  # child, teen or adult\n",
        device,
        (unsigned)profile->counter,
        (profile->age_class == DG_AGE_NONE) ? ""
                                            : dg_age_words(profile->age_class));
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        const int32_t scale = dg_bound_scale(i);
        const int32_t hundredths =
            (int32_t)(((int64_t)profile->bounds.value[i] * scale) / 10);
        const int decimals = (scale == 1000) ? 0 : ((scale == 100) ? 1 : 2);
        char number[24];

        (void)snprintf(number,
                       sizeof(number),
                       "%d.%02d",
                       hundredths / 100,
                       hundredths % 100);
        number[strlen(number) - ((decimals == 0)   ? 3U
                                 : (decimals == 1) ? 1U
                                                   : 0U)] = '\0';
        used += (size_t)snprintf(&text[used],
                                 DG_PROFILE_TEXT_SIZE - used,
                                 "%s = %s %s  # %s\n",
                                 dg_bound_key(i),
                                 number,
                                 dg_bound_unit(i),
                                 dg_bound_words(i));
    }
}
