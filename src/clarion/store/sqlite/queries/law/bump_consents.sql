update user set consents_version = consents_version + ?
where env = ? and user = ? and erased_at is null
returning consents_version
