/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_PLUGIN_H
#define DG_PATIENT_CONTROL_PLUGIN_H

#include <sys/types.h>

#include "patient/control/controller.h"

/* Anybody's controller: a program of its own that reads one line of JSON and
 * answers with one, over its standard input and output.  docs/controllers.md
 * has the messages; examples/controller.py is one in Python.
 *
 * A program serves one person at a time and many one after another.  It may
 * crash, hang or answer nonsense: the call says so within the time allowed,
 * the program is killed with all that it started, the person leaves the
 * results, and the next person gets a fresh one.  It runs with the rights of
 * whoever starts the trial. */

#define DG_PLUGIN_ANSWER_MAX 8192U /* bytes of a line with its end           */
#define DG_PLUGIN_FAULT_MAX  256U

/* Defaults of the time allowed: interpreters start slowly, steps are many. */
#define DG_PLUGIN_START_MS 10000U
#define DG_PLUGIN_STEP_MS  2000U
#define DG_PLUGIN_CLOSE_MS 500U

struct dg_plugin_setup {
    const char *const *argv; /* program and arguments, NULL behind the last  */
    uint32_t start_ms_max;   /* for the answer to a start, 1 .. 600000       */
    uint32_t step_ms_max;    /* for the answer to a step, 1 .. 600000        */
};

struct dg_plugin {
    const struct dg_plugin_setup *setup;
    pid_t pid; /* 0: no program runs                                         */
    int fd;    /* both ways                                                  */
    uint64_t person;
    char fault[DG_PLUGIN_FAULT_MAX];
    size_t held; /* bytes of an answer so far                                */
    char answer[DG_PLUGIN_ANSWER_MAX];
};

/* "plugin"; its setup is a struct dg_plugin_setup, its state a struct
 * dg_plugin.  open() starts the program, so that one that is not there is
 * found before the trial begins. */
extern const struct dg_controller dg_controller_plugin;

/* For plugin_message.c and its tests. */

/**
 * Write the line that begins a person.
 *
 * @param[in] person  In range.
 *
 * @return The line without its end, to be freed; NULL without memory.
 */
char *dg_plugin_write_start(const struct dg_controller_person *person);

/**
 * Write the line of a step.
 *
 * @param[in] input  What is known.
 *
 * @return The line without its end, to be freed; NULL without memory.
 */
char *dg_plugin_write_step(const struct dg_controller_input *input);

/**
 * Read the answer to a start.
 *
 * @param[in]  line    Its bytes.
 * @param      length  Without the end of the line.
 * @param[out] why     What is wrong with it, for people.
 *
 * @retval DG_OK      {"ready":true}
 * @retval DG_E_PEER  Anything else.
 */
DG_NODISCARD enum dg_status dg_plugin_read_ready(const char *line,
                                                 size_t length,
                                                 char why[DG_PLUGIN_FAULT_MAX]);

/**
 * Read the answer to a step.
 *
 * @param[in]  line    Its bytes.
 * @param      length  Without the end of the line.
 * @param[out] output  What is asked; all zero on failure.
 * @param[out] why     What is wrong with it, for people.
 *
 * @retval DG_OK      An object of known keys with whole numbers in the ranges
 *                    of controller.h.
 * @retval DG_E_PEER  Anything else.
 */
DG_NODISCARD enum dg_status dg_plugin_read_answer(
    const char *line,
    size_t length,
    struct dg_controller_output *output,
    char why[DG_PLUGIN_FAULT_MAX]);

#endif
