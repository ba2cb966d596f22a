/*
 * quota - what one partner may take of the broker, so that enough is left for the others.
 */
#include "quota.h"
#include "bucket.h"
#include "limit.h"
#include "log.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SECOND_MS = 1000, MINUTE_MS = 60000, ANSWERED_SOON_MS = 400 };

typedef enum { MESSAGES, UNANSWERED, WAITING_BYTES, SESSIONS, NO_SETTING } setting_t;

static const char *const setting_names[NO_SETTING] = {"partner_messages", "partner_unanswered",
                                                      "partner_waiting_bytes", "partner_sessions"};

// What the log was told of a setting.
typedef struct {
    int64_t next_at; // not before
    int64_t untold;  // refusals since
} tale_t;

typedef struct {
    bool is_known; // its buckets are filled
    bucket_t messages;
    bucket_t sessions;
    int64_t closed_until; // nothing is taken before
    setting_t closed_by;
    setting_t met;  // last
    int64_t met_at; // 0: never
    tale_t tales[NO_SETTING];
} share_t;

struct quota_s {
    quota_options_t options;
    share_t shares[LIMIT_PARTNERS + 1]; // by the partner's number
};

quota_t *
quota_new (const quota_options_t *options)
{
    quota_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->options = *options;
    return self;
}

void
quota_destroy (quota_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static share_t *
share_require (quota_t *self, int partner, int64_t now_ms)
{
    share_t *share = &self->shares[partner];
    if (share->is_known)
        return share;
    share->is_known = true;
    share->messages = bucket_full (self->options.messages_a_second, SECOND_MS, now_ms);
    share->sessions = bucket_full (self->options.sessions_a_minute, MINUTE_MS, now_ms);
    return share;
}

static void
note (share_t *share, const char *id, setting_t setting, int64_t now_ms)
{
    tale_t *tale = &share->tales[setting];
    share->met = setting;
    share->met_at = now_ms;
    tale->untold++;
    if (now_ms < tale->next_at)
        return;
    log_warning ("quota: over its share partner=%s setting=%s refused=%" PRId64
                 "; nothing of it was stored, and the partner was told when to try again; if it "
                 "needs more, raise the setting in kaskd's configuration",
                 id, setting_names[setting], tale->untold);
    *tale = (tale_t){.next_at = now_ms + MINUTE_MS};
}

// Half a bucket is waited for, or each try would get through with a message or two.
static setting_t
met_by_message (quota_t *self, share_t *share, size_t unanswered, size_t waiting_bytes,
                int64_t now_ms)
{
    share->closed_until = now_ms + ANSWERED_SOON_MS;
    if (unanswered >= self->options.unanswered)
        return UNANSWERED;
    if (unanswered && waiting_bytes >= self->options.waiting_bytes)
        return WAITING_BYTES;
    if (bucket_take (&share->messages, now_ms)) {
        share->closed_until = 0;
        return NO_SETTING;
    }
    int64_t half = (self->options.messages_a_second + 1) / 2;
    share->closed_until = now_ms + bucket_wait_ms (&share->messages, half, now_ms);
    return MESSAGES;
}

uint32_t
quota_send (quota_t *self, int partner, const char *id, size_t unanswered, size_t waiting_bytes,
            int64_t now_ms)
{
    share_t *share = share_require (self, partner, now_ms);
    if (share->closed_until <= now_ms) {
        share->closed_by = met_by_message (self, share, unanswered, waiting_bytes, now_ms);
        if (share->closed_by == NO_SETTING)
            return 0;
    }
    note (share, id, share->closed_by, now_ms);
    return (uint32_t) (share->closed_until - now_ms);
}

uint32_t
quota_hello (quota_t *self, int partner, const char *id, int64_t now_ms)
{
    share_t *share = share_require (self, partner, now_ms);
    if (bucket_take (&share->sessions, now_ms))
        return 0;
    note (share, id, SESSIONS, now_ms);
    return (uint32_t) bucket_wait_ms (&share->sessions, 1, now_ms);
}

bool
quota_may_hold (const quota_t *self, size_t body_bytes)
{
    return body_bytes <= self->options.body_bytes;
}

const char *
quota_met (const quota_t *self, int partner, int64_t now_ms)
{
    const share_t *share = &self->shares[partner];
    return share->met_at && now_ms - share->met_at < MINUTE_MS ? setting_names[share->met] : NULL;
}
