-- What a user had said by an instant, in the order it was said.
select purpose, channel, granted from consent where env = ? and user = ? and at <= ? order by version
