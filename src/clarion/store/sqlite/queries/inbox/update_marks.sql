-- Rows of (seq, seen_at, read_at, archived_at).
update item as i set
    seen_at = j.value ->> 1,
    read_at = j.value ->> 2,
    archived_at = j.value ->> 3,
    version = version + 1
from json_each(?) as j
where i.env = ? and i.user = ? and i.tenant = ? and i.seq = j.value ->> 0
