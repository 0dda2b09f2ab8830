update "user" set consents_version = consents_version + $1
where env = $2 and "user" = $3 and erased_at is null
returning consents_version
