# adapters/sdk
