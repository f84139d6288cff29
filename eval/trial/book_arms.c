/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "eval/trial/book_parts.h"

/* Arms, some with limits of their own. */

/* "80 %" or "80%" of a percentage, or a plain number. */
static bool read_amount(const char *text,
                        const struct dg_trial_limit_row *row,
                        int32_t *value)
{
    const bool is_share = strcmp(row->unit, "%") == 0;
    char *end = NULL;

    errno = 0;
    const long number = strtol(text, &end, 10);

    if ((errno != 0) || (end == text) || (number < row->low) ||
        (number > row->high)) {
        return false;
    }
    while (*end == ' ') {
        end++;
    }
    *value = (int32_t)number;
    return strcmp(end, is_share ? "%" : "") == 0;
}

static void read_limit(struct dg_book_reading *reading,
                       struct dg_yaml_node *limits,
                       struct dg_yaml_node *item,
                       struct dg_trial_change *change)
{
    const unsigned which = dg_trial_limit_find(item->key);
    const struct dg_trial_limit_row *row = dg_trial_limit_at(which);
    int32_t value = 0;

    if (row == NULL) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "there is no limit '%.32s'; see dosegate trial list",
                     item->key);
        return;
    }
    if (!read_amount(
            dg_yaml_text(&reading->yaml, limits, item->key), row, &value)) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "'%.32s' is a whole number from %d to %d%s%s",
                     item->key,
                     row->low,
                     row->high,
                     (row->unit[0] == '\0') ? "" : " ",
                     row->unit);
        return;
    }
    dg_trial_change_set(change, which, value);
}

static bool is_label(const char *text)
{
    const size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.");

    return (size > 0U) && (size < DG_TRIAL_LABEL_MAX) && (text[size] == '\0');
}

/* An arm with limits of its own. */
static void read_changed(struct dg_book_reading *reading,
                         struct dg_yaml_node *item,
                         struct dg_trial_arm *arm)
{
    struct dg_yaml_node *map = dg_yaml_item_map(&reading->yaml, item);
    const char *name = dg_yaml_text(&reading->yaml, map, "arm");
    const char *label = dg_yaml_text(&reading->yaml, map, "name");
    struct dg_yaml_node *limits = dg_yaml_map(&reading->yaml, map, "limits");

    if (limits == NULL) {
        return;
    }
    if ((dg_trial_arm_find(name, arm) != DG_OK) ||
        (arm->guard != DG_TRIAL_GUARD_DOSEGATE)) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "limits are changed in dosegate:low, dosegate:medium or "
                     "dosegate:high, not in '%.32s'",
                     name);
        return;
    }
    if (!is_label(label)) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "the name of an arm is 1 to %u small letters, digits, "
                     "'-' and '.'",
                     DG_TRIAL_LABEL_MAX - 1U);
        return;
    }
    memcpy(arm->label, label, strlen(label) + 1U);
    for (struct dg_yaml_node *one = limits->first; one != NULL;
         one = one->next) {
        read_limit(reading, limits, one, &arm->change);
    }
    if (arm->change.is_changed == 0U) {
        dg_yaml_fail(&reading->yaml, item, "'limits' changes nothing");
    }
    dg_yaml_close(&reading->yaml, map);
}

/* False: said why. */
static bool read_arm(struct dg_book_reading *reading,
                     struct dg_yaml_node *item,
                     struct dg_trial_arm *arm)
{
    if (item->kind == DG_YAML_MAP) {
        read_changed(reading, item, arm);
        return reading->yaml.status == DG_OK;
    }

    const char *name = dg_yaml_item(&reading->yaml, item);

    if (dg_trial_arm_find(name, arm) != DG_OK) {
        dg_yaml_fail(&reading->yaml,
                     item,
                     "there is no arm '%.32s'; see dosegate trial list",
                     name);
        return false;
    }
    return true;
}

/* Results are told apart by the names of their arms. */
static bool is_arm_new(const struct dg_trial_plan *plan)
{
    char name[DG_TRIAL_ARM_NAME_MAX];
    char other[DG_TRIAL_ARM_NAME_MAX];
    bool is_new = true;

    dg_trial_arm_name(&plan->arm[plan->arms], name);
    for (size_t i = 0; i < plan->arms; i++) {
        dg_trial_arm_name(&plan->arm[i], other);
        is_new = is_new && (strcmp(name, other) != 0);
    }
    return is_new;
}

void dg_book_read_arms(struct dg_book_reading *reading)
{
    struct dg_yaml_node *list =
        dg_yaml_list(&reading->yaml, reading->yaml.root, "arms");
    struct dg_trial_plan *plan = &reading->book->plan;

    for (struct dg_yaml_node *item = (list == NULL) ? NULL : list->first;
         item != NULL;
         item = item->next) {
        if (plan->arms == DG_TRIAL_ARMS_MAX) {
            dg_yaml_fail(&reading->yaml, item, "more than 16 arms");
            return;
        }
        if (!read_arm(reading, item, &plan->arm[plan->arms])) {
            return;
        }
        if (!is_arm_new(plan)) {
            dg_yaml_fail(&reading->yaml, item, "this arm is there already");
            return;
        }
        plan->arms++;
    }
}
