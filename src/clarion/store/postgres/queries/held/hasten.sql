-- What waits for these events is decided again now.
update waiting set due = $3
where env = $1 and kind = 1 and due > $3
    and event = any (array(select decode(v, 'hex') from unnest($2::text[]) as v))
