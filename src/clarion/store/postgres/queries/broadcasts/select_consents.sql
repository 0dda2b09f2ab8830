-- What a user had said by an instant, in the order it was said.
select purpose, channel, granted from consent where env = $1 and "user" = $2 and at <= $3 order by version
