delete from consent_state where env = ? and user = ?
