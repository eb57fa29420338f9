# Release images for both processors (at home `docker compose up` builds what it needs):
#   VERSION=1.0.0 REGISTRY=example.org/me docker buildx bake -f docker-bake.hcl --push

variable "VERSION" { default = "dev" }
variable "REVISION" { default = "" }
variable "REGISTRY" { default = "photo-factory" }
variable "PYTHON_IMAGE" { default = "python:3.13-slim" } # a release names it with its digest

group "default" { targets = ["service"] }

target "service" {
  matrix = {
    name = [
      "prepare", "cli", "librarian", "geocoder", "thumbnailer", "backup", "service-monitor",
      "dashboard",
    ]
  }
  name      = name
  target    = name
  platforms = ["linux/amd64", "linux/arm64"]
  args      = { PYTHON_IMAGE = PYTHON_IMAGE }
  tags      = ["${REGISTRY}/${name}:${VERSION}"]
  labels = {
    "org.opencontainers.image.version"  = VERSION
    "org.opencontainers.image.revision" = REVISION
  }
}
