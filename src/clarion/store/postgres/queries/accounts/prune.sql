delete from account_report where at < $1
