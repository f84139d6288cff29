/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run_shape.h"

#include "eval/run.h"

/* dg_run_init() and the codec treat an enum as an unsigned int. */
_Static_assert(sizeof(enum dg_run_verdict) == sizeof(unsigned), "enum size");
_Static_assert(sizeof(enum dg_rating_state) == sizeof(unsigned), "enum size");
_Static_assert(sizeof(enum dg_run_direction) == sizeof(unsigned), "enum size");

#define COUNT(array)        (sizeof(array) / sizeof((array)[0]))
#define SHAPE(type, fields) GROWN(type, fields, COUNT(fields))
/* Its fields from @least on are left out when they are empty. */
#define GROWN(type, fields, least)                            \
    {                                                         \
        sizeof(struct type), COUNT(fields), (least), (fields) \
    }

#define TEXT(type, name)                                    \
    {                                                       \
        DG_FIELD_TEXT, offsetof(struct type, name), 0, NULL \
    }
#define UINT(type, name, max)                                   \
    {                                                           \
        DG_FIELD_UINT, offsetof(struct type, name), (max), NULL \
    }
#define INT(type, name)                                    \
    {                                                      \
        DG_FIELD_INT, offsetof(struct type, name), 0, NULL \
    }
#define BOOL(type, name)                                    \
    {                                                       \
        DG_FIELD_BOOL, offsetof(struct type, name), 0, NULL \
    }
#define CHOICE(type, name, max)                                   \
    {                                                             \
        DG_FIELD_CHOICE, offsetof(struct type, name), (max), NULL \
    }
#define LIST(type, name, shape)                                 \
    {                                                           \
        DG_FIELD_LIST, offsetof(struct type, name), 0, &(shape) \
    }

#define STATES ((uint64_t)DG_RATING_UNDETERMINED + 1U)

static const struct dg_field line_fields[] = {
    TEXT(dg_run_line, text),
};
static const struct dg_shape line_shape = SHAPE(dg_run_line, line_fields);

static const struct dg_field cap_fields[] = {
    TEXT(dg_run_cap, name),
    UINT(dg_run_cap, mU, UINT64_MAX),
};
static const struct dg_shape cap_shape = SHAPE(dg_run_cap, cap_fields);

static const struct dg_field claim_fields[] = {
    TEXT(dg_run_claim, name),
    TEXT(dg_run_claim, value),
};
static const struct dg_shape claim_shape = SHAPE(dg_run_claim, claim_fields);

static const struct dg_field measure_fields[] = {
    TEXT(dg_run_measure, name),
    INT(dg_run_measure, value),
    UINT(dg_run_measure, decimals, 6),
    TEXT(dg_run_measure, unit),
};
static const struct dg_shape measure_shape =
    SHAPE(dg_run_measure, measure_fields);

static const struct dg_field monitor_fields[] = {
    TEXT(dg_run_monitor, name),
    CHOICE(dg_run_monitor, verdict, DG_RUN_VERDICTS),
    TEXT(dg_run_monitor, text),
};
static const struct dg_shape monitor_shape =
    SHAPE(dg_run_monitor, monitor_fields);

static const struct dg_field packet_fields[] = {
    UINT(dg_run_packet, time_ms, UINT64_MAX),
    CHOICE(dg_run_packet, direction, DG_RUN_DIRECTIONS),
    TEXT(dg_run_packet, label),
    TEXT(dg_run_packet, hex),
};
static const struct dg_shape packet_shape = SHAPE(dg_run_packet, packet_fields);

static const struct dg_field choice_fields[] = {
    TEXT(dg_rating_choice, factor),
    TEXT(dg_rating_choice, level),
    BOOL(dg_rating_choice, is_adjusted),
    UINT(dg_rating_choice, points, DG_RATING_POINTS_MAX),
    TEXT(dg_rating_choice, reason),
    TEXT(dg_rating_choice, proposed),
    TEXT(dg_rating_choice, changed_by),
};
static const struct dg_shape choice_shape =
    GROWN(dg_rating_choice, choice_fields, 5);

static const struct dg_field path_fields[] = {
    TEXT(dg_run_path, title),
    CHOICE(dg_run_path, state, STATES),
    LIST(dg_run_path, choices, choice_shape),
    TEXT(dg_run_path, justification),
    TEXT(dg_run_path, rated_by),
    TEXT(dg_run_path, confirmed_by),
};
static const struct dg_shape path_shape = SHAPE(dg_run_path, path_fields);

static const struct dg_field earlier_fields[] = {
    CHOICE(dg_run_earlier, verdict, DG_RUN_VERDICTS),
    TEXT(dg_run_earlier, reason),
    TEXT(dg_run_earlier, run),
    TEXT(dg_run_earlier, ended),
    BOOL(dg_run_earlier, must_repeat),
};
static const struct dg_shape earlier_shape =
    SHAPE(dg_run_earlier, earlier_fields);

static const struct dg_field test_fields[] = {
    TEXT(dg_run_test, id),
    TEXT(dg_run_test, title),
    TEXT(dg_run_test, threat),
    LIST(dg_run_test, corpus, line_shape),
    LIST(dg_run_test, requirements, line_shape),
    TEXT(dg_run_test, position),
    TEXT(dg_run_test, tier),
    TEXT(dg_run_test, criterion),
    CHOICE(dg_run_test, verdict, DG_RUN_VERDICTS),
    TEXT(dg_run_test, reason),
    TEXT(dg_run_test, tried),
    LIST(dg_run_test, seen, line_shape),
    LIST(dg_run_test, measures, measure_shape),
    LIST(dg_run_test, monitors, monitor_shape),
    TEXT(dg_run_test, remediation),
    TEXT(dg_run_test, replay_command),
    UINT(dg_run_test, elapsed_ms, UINT64_MAX),
    LIST(dg_run_test, packets, packet_shape),
    LIST(dg_run_test, paths, path_shape),
    TEXT(dg_run_test, waived_because),
    TEXT(dg_run_test, waived_by),
    TEXT(dg_run_test, waived_until),
    TEXT(dg_run_test, entry_digest),
    LIST(dg_run_test, earlier, earlier_shape),
    CHOICE(dg_run_test, expected, DG_RUN_VERDICTS),
    TEXT(dg_run_test, expected_because),
    TEXT(dg_run_test, expected_by),
    TEXT(dg_run_test, expected_until),
    TEXT(dg_run_test, sequence),
};
const struct dg_shape dg_shape_test = GROWN(dg_run_test, test_fields, 22);

static const struct dg_field figure_fields[] = {
    TEXT(dg_run_figure, id),
    TEXT(dg_run_figure, caption),
    TEXT(dg_run_figure, svg),
};
const struct dg_shape dg_shape_figure = SHAPE(dg_run_figure, figure_fields);

static const struct dg_field calibration_fields[] = {
    TEXT(dg_run_calibration, product),
    TEXT(dg_run_calibration, flaw),
    TEXT(dg_run_calibration, test),
    BOOL(dg_run_calibration, is_caught),
    TEXT(dg_run_calibration, seen),
    UINT(dg_run_calibration, elapsed_ms, UINT64_MAX),
    CHOICE(dg_run_calibration, verdict, DG_RUN_VERDICTS),
};
static const struct dg_shape calibration_shape =
    GROWN(dg_run_calibration, calibration_fields, 6);

static const struct dg_field calibrations_fields[] = {
    LIST(dg_run, calibration, calibration_shape),
};
const struct dg_shape dg_shape_calibrations =
    SHAPE(dg_run, calibrations_fields);

static const struct dg_field head_fields[] = {
    TEXT(dg_run_head, profile_id),
    TEXT(dg_run_head, profile_version),
    TEXT(dg_run_head, profile_title),
    TEXT(dg_run_head, profile_digest),
    TEXT(dg_run_head, package_id),
    TEXT(dg_run_head, package_title),
    TEXT(dg_run_head, package_digest),
    UINT(dg_run_head, van_claimed, DG_RATING_VAN_MAX),
    UINT(dg_run_head, seed, UINT64_MAX),
    TEXT(dg_run_head, tier),
    TEXT(dg_run_head, tool_version),
    TEXT(dg_run_head, started),
    TEXT(dg_run_head, ended),
    TEXT(dg_run_head, host),
    TEXT(dg_run_head, laboratory),
    TEXT(dg_run_head, status),
    TEXT(dg_run_head, rating_table),
    TEXT(dg_run_head, evaluator),
    TEXT(dg_run_head, made_from),
};
const struct dg_shape dg_shape_head = GROWN(dg_run_head, head_fields, 17);

static const struct dg_field product_fields[] = {
    TEXT(dg_run_product, name),
    TEXT(dg_run_product, maker),
    TEXT(dg_run_product, version),
    TEXT(dg_run_product, firmware_digest),
    TEXT(dg_run_product, function_class),
    TEXT(dg_run_product, platform),
    TEXT(dg_run_product, phone_lost),
    TEXT(dg_run_product, phone_starved),
    TEXT(dg_run_product, update_mode),
    TEXT(dg_run_product, support_end),
    TEXT(dg_run_product, contact),
    LIST(dg_run_product, interfaces, line_shape),
    LIST(dg_run_product, caps, cap_shape),
    LIST(dg_run_product, claims, claim_shape),
};
const struct dg_shape dg_shape_product = SHAPE(dg_run_product, product_fields);
