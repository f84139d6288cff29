/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_RELAY_H
#define DG_EVAL_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "eval/jsonl.h"

/* The bench's relay between phones and device: it hears everything and may
 * drop, hold, delay, duplicate, change, record, replay and speak in either
 * name.  It understands nothing of the product's protocol.
 *
 * Each phone has a door of its own (an address that it takes for the device's),
 * so that answers find their way back. */
#define DG_RELAY_DOORS      4U
#define DG_RELAY_FRAMES_MAX 16384U
#define DG_RELAY_FRAME_MAX  1024U

enum dg_way {
    DG_WAY_TO_DEVICE = 0,
    DG_WAY_TO_PHONE = 1,
};

struct dg_frame {
    uint64_t at_ms; /* since the relay was opened */
    enum dg_way way;
    uint8_t door;
    uint16_t size;
    uint8_t byte[DG_RELAY_FRAME_MAX];
};

/* What becomes of a frame.  Zero: nobody decided; it is dropped. */
enum dg_fate {
    DG_FATE_NONE = 0,
    DG_FATE_PASS,
    DG_FATE_DROP,
    DG_FATE_HOLD, /* kept for dg_relay_release() */
    DG_FATE_TWICE,
};

/* A test's hand on the relay: may change the frame before it says its fate.
 * @p number counts the frames of this way since the rule was set, from 0. */
typedef enum dg_fate dg_relay_rule(void *context,
                                   struct dg_frame *frame,
                                   unsigned number);

struct dg_relay_door {
    int phone;  /* socket that the phone sends to          */
    int device; /* socket that is connected to the device  */
    uint32_t phone_address;
    uint16_t phone_port; /* where the phone is, network order; 0: unknown */
};

struct dg_relay {
    struct dg_relay_door door[DG_RELAY_DOORS];
    unsigned doors;
    uint16_t device_port;
    long long opened_ms;
    dg_relay_rule *rule; /* NULL: everything passes */
    void *rule_context;
    unsigned count[2];       /* frames of each way since the rule was set */
    struct dg_frame *frames; /* all that was heard */
    size_t heard;
    size_t overheard; /* more than could be kept */
    struct dg_frame held[8];
    unsigned held_count;
};

/** Open towards a device at "udp:127.0.0.1:PORT"; false: it cannot be. */
bool dg_relay_open(struct dg_relay *relay, const char *device);

/** Send on to another device from now on (a unit that was swapped). */
bool dg_relay_redirect(struct dg_relay *relay, const char *device);

/** Add a door; @p address (32 bytes) is what the phone is given.  Gives the
 * door's number, or -1. */
int dg_relay_add_door(struct dg_relay *relay, char address[32]);

/** Set what becomes of frames; counts start again.  NULL: all pass. */
void dg_relay_set_rule(struct dg_relay *relay,
                       dg_relay_rule *rule,
                       void *context);

/** Send bytes in the phone's name (to the device) or the device's name (to
 * the phone). */
void dg_relay_inject(struct dg_relay *relay,
                     unsigned door,
                     enum dg_way way,
                     dg_span bytes);

/** Send on what was held, oldest first. */
void dg_relay_release(struct dg_relay *relay);

/** The pump for waiting loops. */
struct dg_pump dg_relay_pump(struct dg_relay *relay);

void dg_relay_close(struct dg_relay *relay);

#endif
