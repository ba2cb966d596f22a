/*
 * nesting - how deep is a JSON value?
 *
 * Asked before anything recurses over a value: libjq's own printing and
 * freeing have no limit.
 */
#include "nesting.h"

bool
nesting_exceeds (jv value, int levels)
{
    jv_kind kind = jv_get_kind (value);
    if (kind != JV_KIND_ARRAY && kind != JV_KIND_OBJECT)
        return false;
    bool deep = levels <= 0;
    if (kind == JV_KIND_ARRAY) {
        int n = jv_array_length (jv_copy (value));
        for (int i = 0; !deep && i < n; i++) {
            jv item = jv_array_get (jv_copy (value), i);
            deep = nesting_exceeds (item, levels - 1);
            jv_free (item);
        }
    } else
        for (int i = jv_object_iter (value); !deep && jv_object_iter_valid (value, i);
             i = jv_object_iter_next (value, i)) {
            jv item = jv_object_iter_value (value, i);
            deep = nesting_exceeds (item, levels - 1);
            jv_free (item);
        }
    return deep;
}
