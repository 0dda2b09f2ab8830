-- The newest broadcast, and the marker of an inbox.
select
    coalesce((select last from broadcast_sequence where env = $1), 0),
    coalesce((select seq from broadcast_marker where env = $1 and "user" = $2 and tenant = $3), 0)
