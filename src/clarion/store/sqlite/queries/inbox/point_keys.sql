-- Rows of (env, user, tenant, workflow, step, key, seq): the item that tells the key from now on.
update item_key as k set seq = j.value ->> 6
from json_each(?) as j
where k.env = j.value ->> 0 and k.user = j.value ->> 1 and k.tenant = j.value ->> 2
    and k.workflow = j.value ->> 3 and k.step = j.value ->> 4 and k.key = j.value ->> 5
