path "kv/data/tenants/acme/*" {
  capabilities = ["read"]
}
