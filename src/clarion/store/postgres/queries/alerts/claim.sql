update alert
set due = $2, tries = tries + 1
where alert = any (array(
    select alert from alert where state = 1 and due <= $1
    order by due, alert
    limit $3
    for update skip locked
))
returning
    alert, env, account, cause, kind, count, first_at, last_at, since, until, detail, sample, told, tries
