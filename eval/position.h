/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_POSITION_H
#define DG_EVAL_POSITION_H

/**
 * Say where an attacker stands, or what triggers a hazard, in plain words.
 *
 * @param code  NE, NA, PH, MA, PM, PE, RS, PR, UE, PU, PW, LL or SW.
 *
 * @return A constant text; NULL for any other code.
 */
const char *dg_position_name(const char *code);

#endif
