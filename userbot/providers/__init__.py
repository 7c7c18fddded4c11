"""Where leased proxies come from: providers, which country comes next, what may be spent."""
