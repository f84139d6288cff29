/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TARGET_RULE_H
#define DG_EVAL_TARGET_RULE_H

#include <stddef.h>

/* Every mechanical check of a security target, as a table: one row a rule,
 * `dosegate profile check --rules` prints it.  Whether an argument convinces
 * is for a person; that there is one is for a rule. */
enum dg_rule_id {
    DG_RULE_NONE = 0,
    DG_RULE_OPEN,
    DG_RULE_INT_1,
    DG_RULE_INT_1_DIGEST,
    DG_RULE_INT_2,
    DG_RULE_INT_3,
    DG_RULE_INT_4,
    DG_RULE_CCL_1,
    DG_RULE_CCL_2,
    DG_RULE_CCL_3,
    DG_RULE_CCL_4,
    DG_RULE_CCL_4_PIN,
    DG_RULE_CCL_5,
    DG_RULE_CCL_6,
    DG_RULE_CCL_8_PROBLEM,
    DG_RULE_CCL_8_OBJECTIVE,
    DG_RULE_CCL_8_SFR,
    DG_RULE_CCL_8_SAR,
    DG_RULE_CCL_8_EXACT,
    DG_RULE_CCL_8_WHEN,
    DG_RULE_CCL_8_COMPLETED,
    DG_RULE_CCL_10,
    DG_RULE_SPD_1,
    DG_RULE_SPD_2,
    DG_RULE_SPD_3,
    DG_RULE_SPD_4,
    DG_RULE_SPD_5,
    DG_RULE_OBJ_1,
    DG_RULE_OBJ_2,
    DG_RULE_OBJ_3,
    DG_RULE_OBJ_4,
    DG_RULE_ECD_1,
    DG_RULE_ECD_2,
    DG_RULE_ECD_3,
    DG_RULE_REQ_1,
    DG_RULE_REQ_3_OPEN,
    DG_RULE_REQ_3_UNKNOWN,
    DG_RULE_REQ_3_VALUE,
    DG_RULE_REQ_3_CHOICE,
    DG_RULE_REQ_3_OFFERED,
    DG_RULE_REQ_3_BRACKET,
    DG_RULE_REQ_3_ITERATION,
    DG_RULE_REQ_4,
    DG_RULE_REQ_4_BY,
    DG_RULE_REQ_4_WAIVER,
    DG_RULE_REQ_4_NEEDLESS,
    DG_RULE_REQ_4_SAR,
    DG_RULE_REQ_5,
    DG_RULE_REQ_6,
    DG_RULE_REQ_7,
    DG_RULE_LOW_1,
    DG_RULE_TSS_1,
    DG_RULE_TSS_3,
    DG_RULE_TSS_4,
    DG_RULE_L6,
    DG_RULE_L8,
    DG_RULE_L9,
    DG_RULE_FEA_1,
    DG_RULE_FEA_2,
    DG_RULE_FEA_3,
    DG_RULES,
};

enum dg_severity {
    DG_SEVERITY_ERROR = 1,
    DG_SEVERITY_WARNING, /* said, but the target is not wrong for it */
};

struct dg_rule {
    const char *id;      /* REQ-4: never reused */
    const char *element; /* of the criteria, or "ours" */
    enum dg_severity severity;
    const char *title; /* what must be so */
    const char *cure;  /* what to do when it is not */
};

/** The row of a rule; of DG_RULE_NONE and beyond the table, NULL. */
const struct dg_rule *dg_rule(enum dg_rule_id id);

#endif
