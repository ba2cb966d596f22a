# deploy
EXTRA_DIST += \
	.ci/run \
	deploy/build \
	deploy/cluster \
	deploy/install-packages \
	deploy/packages \
	deploy/quickstart
