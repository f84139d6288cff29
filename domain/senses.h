/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SENSES_H
#define DG_SENSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the monitor's findings come from on Linux: small reads of /proc and of
 * files.  What cannot be read counts as found, but for pressure and battery,
 * which not every system has. */

#define DG_SENSES_STORAGE_BYTES_MIN (1024U * 1024U) /* for keys and logs     */
#define DG_SENSES_MEMORY_KB_MIN     (16U * 1024U) /* that can be had at once */
#define DG_SENSES_JUMP_MS           30000 /* more than a time server corrects */

/** Is this process traced?  0 is ourselves. */
bool dg_senses_is_traced(pid_t pid);

/** Does our environment tell the loader to load something else? */
bool dg_senses_has_preload(char *const *environment);

/** Is a part of our own memory writable and executable? */
bool dg_senses_has_loose_memory(void);

/** Wall clock less time since boot, ms: jumps when somebody sets the clock. */
int64_t dg_senses_clock_offset_ms(void);

/** Is there hardly any room where @p directory lies? */
bool dg_senses_is_storage_full(int directory);

/**
 * What a group of processes may still use, kB.
 *
 * @param own   Which group that is: a file like /proc/self/cgroup.
 * @param root  Where groups are: /sys/fs/cgroup.
 *
 * @return INT64_MAX: nobody limits it, or the system has no such groups.  Limits
 *         of groups above it are not seen.
 */
int64_t dg_senses_group_left_kb(const char *own, const char *root);

/** Is the system, or the group of processes that we are in, short of memory? */
bool dg_senses_is_memory_short(void);

/**
 * The level of the phone's battery.
 *
 * @param source  A number, or the path of a file that holds one, as
 *                /sys/class/power_supply/NAME/capacity does.
 *
 * @return 0 .. 100 percent; 0 when it cannot be read: what is not known does
 *         not count as charged.
 */
uint8_t dg_senses_battery(const char *source);

#endif
