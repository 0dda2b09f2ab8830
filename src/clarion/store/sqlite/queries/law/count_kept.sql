select count(distinct suppression) from destination indexed by destination_by_user
where env = ? and user = ? and suppression is not null
