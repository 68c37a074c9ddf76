# What people do here. `make test` runs everything that must pass; on Debian and Ubuntu it installs what the tests need, elsewhere it says
# what is missing.
.PHONY: test quick lint bench web cross

test: ## everything, as CI runs it
	./scripts/test.sh

quick: ## unit tests only, no race detector
	go test ./...

lint: ## formatting, vet, staticcheck
	./scripts/lint.sh

bench: ## the numbers, as ratios against other tools where they are installed
	go run ./bench

web: ## rebuild the page that is embedded
	cd web && npm ci && npm run build

cross: ## every platform that is promised, without cgo
	./scripts/cross.sh
