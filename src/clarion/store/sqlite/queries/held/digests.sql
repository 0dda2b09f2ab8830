select
    env, digest, user, tenant, workflow, step, key, version, category, category_version, lane, about,
    opened_at, due, closed_at
from digest
where env = ?1 and digest in (select unhex(value) from json_each(?2))
