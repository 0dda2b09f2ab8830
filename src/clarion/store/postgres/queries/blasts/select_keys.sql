select k.key, k.blast, k.fingerprint
from unnest($2::text[]) as j(key)
join blast_key as k on k.env = $1 and k.key = j.key
