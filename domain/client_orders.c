/* SPDX-License-Identifier: Apache-2.0 */
#include "client_parts.h"

#include <string.h>

/* Orders that are one exchange each: the phones, the lease, a suspension and its
 * end, and the parts of a firmware update.  The device decides on all of them; what it says goes to
 * the app as it is. */

bool dg_client_is_order(const struct dg_internal *message)
{
    const struct dg_carry *carry = &message->as.app.carry;
    const bool has_bytes =
        (carry->verb == DG_UPDATE_OFFER) || (carry->verb == DG_UPDATE_PART);

    if (message->type == DG_INTERNAL_APP_ORDER) {
        const struct dg_order *order = &message->as.app.order;

        return (order->verb != DG_ORDER_NONE) &&
               ((order->verb == DG_ORDER_SUSPEND) == (order->seconds > 0U)) &&
               (order->seconds <= DG_SUSPEND_S_ASK_MAX);
    }
    return (carry->verb != DG_UPDATE_NOTHING) &&
           (has_bytes == (carry->size > 0U)) &&
           ((carry->verb == DG_UPDATE_PART) || (carry->offset == 0U));
}

static void fill_lease(const struct dg_order *order, struct dg_request *request)
{
    request->kind = DG_REQUEST_LEASE;
    if (order->verb == DG_ORDER_TAKE) {
        request->as.lease.verb = DG_LEASE_TAKE;
    } else if (order->verb == DG_ORDER_RELEASE) {
        request->as.lease.verb = DG_LEASE_RELEASE;
    } else {
        request->as.lease.verb = DG_LEASE_HAND_OVER;
        request->as.lease.has_slot = true;
        request->as.lease.slot = order->slot;
    }
}

void dg_client_fill_order(const struct dg_client *client,
                          struct dg_request *request)
{
    const struct dg_order *order = &client->work.order;

    if (order->verb == DG_ORDER_PHONES) {
        request->kind = DG_REQUEST_ROLES;
    } else if (order->verb == DG_ORDER_REVOKE) {
        request->kind = DG_REQUEST_REVOKE;
        request->as.revoke.slot = order->slot;
    } else if (order->verb == DG_ORDER_SUSPEND) {
        request->kind = DG_REQUEST_SUSPEND;
        request->as.suspend.seconds = order->seconds;
    } else if (order->verb == DG_ORDER_RESUME) {
        request->kind = DG_REQUEST_RESUME;
    } else {
        fill_lease(order, request);
    }
}

void dg_client_fill_carry(const struct dg_client *client,
                          struct dg_request *request)
{
    const struct dg_carry *carry = &client->work.carry;

    request->kind = DG_REQUEST_UPDATE;
    request->as.update.verb = carry->verb;
    request->as.update.has_offset = carry->verb == DG_UPDATE_PART;
    request->as.update.offset = carry->offset;
    request->as.update.size = carry->size;
    memcpy(request->as.update.byte, carry->byte, carry->size);
}

bool dg_client_fits_order(const struct dg_client *client,
                          const struct dg_answer *answer)
{
    const bool is_list = client->work.order.verb == DG_ORDER_PHONES;

    return (answer->kind == DG_ANSWER_REFUSED) ||
           (answer->kind == (is_list ? DG_ANSWER_ROLES : DG_ANSWER_STATUS));
}

/* What the lease, or therapy, is now must be what was asked for. */
static bool is_as_ordered(const struct dg_client *client)
{
    const enum dg_lease_holder lease = client->status.lease;

    switch (client->work.order.verb) {
    case DG_ORDER_TAKE:
        return lease == DG_LEASE_YOU;
    case DG_ORDER_RELEASE:
        return lease != DG_LEASE_YOU;
    case DG_ORDER_GIVE:
        return lease == DG_LEASE_OTHER;
    case DG_ORDER_SUSPEND:
        return client->status.therapy == DG_THERAPY_SUSPENDED;
    case DG_ORDER_RESUME:
        return client->status.pause_left_s == 0U;
    case DG_ORDER_NONE:
    case DG_ORDER_PHONES:
    case DG_ORDER_REVOKE:
        break;
    }
    return true;
}

void dg_client_take_order(struct dg_client *client,
                          int64_t now_ms,
                          const struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
    } else if (answer->kind == DG_ANSWER_ROLES) {
        dg_client_tell_phones(client, answer);
        memset(&client->work, 0, sizeof(client->work));
    } else {
        dg_client_finish(client,
                         now_ms,
                         is_as_ordered(client) ? DG_RESULT_OK
                                               : DG_RESULT_FAILED,
                         NULL);
    }
}

void dg_client_take_progress(struct dg_client *client,
                             int64_t now_ms,
                             const struct dg_answer *answer)
{
    if (answer->kind == DG_ANSWER_REFUSED) {
        dg_client_finish(client, now_ms, DG_RESULT_REFUSED, answer);
        return;
    }
    dg_client_tell_progress(client, answer);
    memset(&client->work, 0, sizeof(client->work));
}
