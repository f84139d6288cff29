/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_JOURNAL_TEXT_H
#define DG_CLI_JOURNAL_TEXT_H

#include "dosegate/journal.h"

#define DG_JOURNAL_TEXT_MAX 256U

/**
 * One entry as a person reads it: "day 1 03:22:10  phone 1  accepted: 2.00 U,
 * confirmed at the phone, ticket 0011223344556677".  Time is the device's own,
 * from its manufacture on; a kind that is not known here is told as its number.
 */
void dg_journal_text(const struct dg_journal_entry *entry,
                     char text[DG_JOURNAL_TEXT_MAX]);

#endif
