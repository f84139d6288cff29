/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "eval/utf8.h"

void dg_problem_set(struct dg_problem *problem, const char *format, ...)
{
    if (problem == NULL) {
        return;
    }

    va_list list;

    va_start(list, format);
    (void)vsnprintf(problem->text, sizeof(problem->text), format, list);
    va_end(list);
    /* It often quotes a file of a stranger, and goes to a terminal. */
    dg_utf8_make_printable(problem->text);
}
