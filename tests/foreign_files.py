"""Files of other people's tools, by path: none of them declares anything that rolecall reads."""

# ruff: noqa: E501 - a small file is written on one line

from __future__ import annotations

FILES: dict[str, str] = {
    # APIs and schemas
    "api/openapi.yaml": """
openapi: 3.0.3
info: {title: Orders, version: 1.0.0}
servers: [{url: https://orders.execute-api.eu-west-1.amazonaws.com}]
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: an order}}
components:
  securitySchemes:
    sigv4: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
""",
    "api/swagger.json": """
{"swagger": "2.0", "info": {"title": "Pets", "version": "1"}, "host": "api.example.org",
 "paths": {"/pets": {"get": {"summary": "List", "parameters": [{"name": "kind", "in": "query", "type": "string"}],
 "responses": {"200": {"description": "ok"}}}}}, "definitions": {"apiVersion": {"type": "string"}}}
""",
    "api/asyncapi.yaml": """
asyncapi: 2.6.0
info: {title: Events, version: 1.0.0}
servers: {production: {url: sns.eu-west-1.amazonaws.com, protocol: sns}}
channels:
  order/created: {subscribe: {message: {payload: {type: object, properties: {kind: {type: string}}}}}}
""",
    "api/schema.json": """
{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
 "properties": {"apiVersion": {"const": "v1"}, "kind": {"enum": ["ServiceAccount", "Secret"]},
 "Statement": {"type": "array", "items": {"properties": {"Effect": {"enum": ["Allow", "Deny"]}}}}}}
""",
    "api/graphql.config.yaml": "schema: schema.graphql\ndocuments: src/**/*.graphql\n",
    "api/buf.yaml": "version: v1\nbreaking: {use: [FILE]}\nlint: {use: [DEFAULT]}\n",
    "api/buf.gen.yaml": "version: v1\nplugins:\n  - plugin: go\n    out: gen\n    opt: paths=source_relative\n",
    "api/avro.json": '{"type": "record", "name": "Order", "fields": [{"name": "kind", "type": "string"}]}\n',
    "api/postman.json": """
{"info": {"name": "Orders", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
 "auth": {"type": "awsv4", "awsv4": [{"key": "accessKey", "value": "{{accessKey}}"},
 {"key": "secretKey", "value": "{{secretKey}}"}]},
 "item": [{"name": "get", "request": {"method": "GET", "url": "{{host}}/orders"}}]}
""",
    "api/insomnia.yaml": "_type: export\n__export_format: 4\nresources:\n- {_id: a, name: orders, url: '{{ _.host }}/x'}\n",
    # Configuration management
    "ansible/site.yml": """
- hosts: web
  become: true
  vars: {region: eu-west-1}
  tasks:
    - name: make a bucket
      amazon.aws.s3_bucket:
        name: "{{ bucket }}"
        aws_access_key: "{{ aws_access_key }}"
        aws_secret_key: "{{ aws_secret_key }}"
    - name: apply
      kubernetes.core.k8s:
        definition: "{{ lookup('template', 'app.yaml.j2') }}"
      when: apply is defined
""",
    "ansible/inventory.yml": "all:\n  hosts: {web1: {ansible_host: 10.0.0.1}}\n  children: {db: {hosts: {db1: {}}}}\n",
    "ansible/aws_ec2.yml": "plugin: amazon.aws.aws_ec2\nregions: [eu-west-1]\nkeyed_groups: [{key: tags.Role, prefix: role}]\n",
    "ansible/requirements.yml": "collections:\n  - name: amazon.aws\n    version: 7.0.0\n",
    "ansible/group_vars/all.yml": "kind: web\napi_version: v2\niam_role: '{{ env }}-web'\n",
    "ansible/roles/web/meta/main.yml": "galaxy_info: {author: x, license: MIT}\ndependencies: []\n",
    "ansible/roles/web/handlers/main.yml": "- name: restart\n  service: {name: nginx, state: restarted}\n",
    "salt/top.sls.yaml": "base:\n  '*': [common]\n  'web*':\n    - web\n",
    "puppet/hiera.yaml": "version: 5\nhierarchy:\n  - {name: common, path: common.yaml}\n",
    "chef/kitchen.yml": """
driver: {name: ec2, region: eu-west-1, aws_ssh_key_id: kitchen, iam_profile_name: kitchen}
platforms: [{name: ubuntu-22.04}]
suites: [{name: default, run_list: ["recipe[web]"]}]
""",
    # Continuous integration
    ".github/workflows/deploy.yml": """
name: deploy
on: {push: {branches: [main]}}
permissions: {id-token: write, contents: read}
jobs:
  deploy:
    runs-on: ubuntu-latest
    env: {AWS_REGION: eu-west-1}
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: arn:aws:iam::111122223333:role/deploy
          aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}
          aws-secret-access-key: ${{ secrets.AWS_SECRET_ACCESS_KEY }}
      - run: |
          cat <<EOF | kubectl apply -f -
          apiVersion: v1
          kind: ServiceAccount
          metadata:
            name: ${{ github.event.repository.name }}
          EOF
""",
    ".github/dependabot.yml": "version: 2\nupdates:\n  - {package-ecosystem: npm, directory: /, schedule: {interval: weekly}}\n",
    ".github/labeler.yml": "docs:\n  - changed-files: [{any-glob-to-any-file: docs/**}]\n",
    ".github/ISSUE_TEMPLATE/bug.yml": "name: Bug\nbody:\n  - {type: textarea, attributes: {label: What apiVersion and kind?}}\n",
    ".github/actions/setup/action.yml": """
name: setup
inputs: {aws-access-key-id: {required: true}}
runs: {using: composite, steps: [{run: "echo ${{ inputs.aws-access-key-id }}", shell: bash}]}
""",
    ".gitlab-ci.yml": """
stages: [build, deploy]
variables: {AWS_DEFAULT_REGION: eu-west-1}
.deploy: &deploy
  stage: deploy
  id_tokens: {TOKEN: {aud: https://gitlab.example.org}}
  script:
    - aws sts assume-role-with-web-identity --role-arn "$ROLE_ARN" --web-identity-token "$TOKEN"
deploy: {<<: *deploy, environment: production}
secret: {script: [!reference [.deploy, script]]}
""",
    ".circleci/config.yml": """
version: 2.1
orbs: {aws-cli: circleci/aws-cli@4.1}
jobs:
  deploy:
    docker: [{image: cimg/base:2024.01, aws_auth: {aws_access_key_id: $ID, aws_secret_access_key: $SECRET}}]
    steps: [checkout, {run: make}]
workflows: {main: {jobs: [deploy: {context: << pipeline.parameters.context >>}]}}
""",
    "azure-pipelines.yml": """
trigger: [main]
pool: {vmImage: ubuntu-latest}
steps:
- ${{ if eq(variables['Build.Reason'], 'PullRequest') }}:
  - script: echo pull request
- task: AWSCLI@1
  inputs: {awsCredentials: aws, regionName: eu-west-1, awsCommand: s3}
""",
    "bitbucket-pipelines.yml": """
pipelines:
  default:
    - step: {oidc: true, script: [export AWS_ROLE_ARN=arn:aws:iam::111122223333:role/ci, make]}
""",
    ".travis.yml": "language: python\nenv: {global: [{secure: c2VjcmV0}]}\ndeploy: {provider: s3, access_key_id: $ID}\n",
    "appveyor.yml": "version: 1.0.{build}\nimage: Visual Studio 2022\ndeploy: {provider: S3, access_key_id: {secure: x}}\n",
    ".drone.yml": "kind: pipeline\ntype: docker\nname: default\nsteps: [{name: test, image: golang, commands: [go test]}]\n",
    ".woodpecker.yml": "steps:\n  build: {image: debian, commands: [make]}\n",
    "buildspec.yml": """
version: 0.2
env: {parameter-store: {TOKEN: /ci/token}, secrets-manager: {KEY: "ci:key"}}
phases: {build: {commands: [make, aws s3 cp out s3://bucket]}}
""",
    "appspec.yml": "version: 0.0\nos: linux\nfiles: [{source: /, destination: /srv}]\nhooks: {AfterInstall: [{location: a.sh}]}\n",
    "cloudbuild.yaml": "steps:\n- {name: gcr.io/cloud-builders/docker, args: [build, -t, gcr.io/$PROJECT_ID/x, .]}\n",
    "Jenkinsfile.yaml": "jenkins: {systemMessage: hello}\ncredentials: {system: {domainCredentials: []}}\n",
    "atlantis.yaml": "version: 3\nprojects:\n- {dir: terraform, workflow: aws}\n",
    ".buildkite/pipeline.yml": "steps:\n  - {label: test, command: make, plugins: [{'aws-assume-role#v0.2': {role: x}}]}\n",
    # Source control and linting
    ".pre-commit-config.yaml": """
repos:
  - repo: https://github.com/pre-commit/pre-commit-hooks
    rev: v4.5.0
    hooks: [{id: detect-aws-credentials, args: [--allow-missing-credentials]}, {id: check-yaml}]
""",
    ".yamllint.yaml": "extends: default\nrules: {line-length: {max: 120}, truthy: disable}\n",
    ".eslintrc.json": '{"root": true, "extends": ["eslint:recommended"], "rules": {"no-console": "off"}}\n',
    ".prettierrc.yaml": "singleQuote: true\ntrailingComma: all\n",
    ".golangci.yml": "linters: {enable: [govet, errcheck]}\nissues: {exclude-rules: [{path: aws, linters: [dupl]}]}\n",
    ".rubocop.yml": "AllCops: {TargetRubyVersion: 3.2}\nStyle/StringLiterals: {Enabled: false}\n",
    ".markdownlint.json": '{"MD013": false}\n',
    ".codecov.yml": "coverage: {status: {project: {default: {target: 80%}}}}\n",
    ".sonarcloud.json": '{"sonar.projectKey": "x"}\n',
    "renovate.json": """
{"$schema": "https://docs.renovatebot.com/renovate-schema.json", "extends": ["config:base"],
 "packageRules": [{"matchManagers": ["helm-values"], "matchPackageNames": ["aws/*"], "enabled": false}]}
""",
    "commitlint.config.json": '{"extends": ["@commitlint/config-conventional"]}\n',
    ".releaserc.yaml": "branches: [main]\nplugins: ['@semantic-release/commit-analyzer']\n",
    "lefthook.yml": "pre-commit: {commands: {lint: {run: make lint}}}\n",
    # Packages
    "package.json": """
{"name": "shop", "version": "1.0.0", "dependencies": {"@aws-sdk/client-s3": "^3.500.0"},
 "scripts": {"deploy": "aws s3 sync dist s3://shop"}, "kind": "module"}
""",
    "package-lock.json": """
{"name": "shop", "lockfileVersion": 3, "packages": {"node_modules/@aws-sdk/client-s3": {"version": "3.500.0",
 "resolved": "https://registry.example.org/client-s3.tgz", "integrity": "sha512-AAAAB3NzaC1yc2EAAAADAQABAAABgQ=="}}}
""",
    "tsconfig.json": '{\n  // comments are allowed here\n  "compilerOptions": {"strict": true, "target": "es2022",},\n}\n',
    "composer.json": '{"name": "acme/shop", "require": {"php": ">=8.1", "aws/aws-sdk-php": "^3.0"}}\n',
    "composer.lock.json": '{"packages": [{"name": "aws/aws-sdk-php", "version": "3.300.0"}], "content-hash": "0f"}\n',
    "pnpm-lock.yaml": "lockfileVersion: '6.0'\ndependencies:\n  '@aws-sdk/client-s3': {specifier: ^3, version: 3.500.0}\n",
    "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
    "lerna.json": '{"version": "independent", "npmClient": "yarn"}\n',
    "angular.json": '{"version": 1, "projects": {"shop": {"architect": {"build": {"options": {}}}}}}\n',
    "nx.json": '{"targetDefaults": {"build": {"dependsOn": ["^build"]}}}\n',
    "pubspec.yaml": "name: shop\nenvironment: {sdk: '>=3.0.0 <4.0.0'}\ndependencies: {aws_common: ^0.6.0}\n",
    "environment.yml": "name: data\nchannels: [conda-forge]\ndependencies: [python=3.11, boto3, pip: [awscli]]\n",
    "meta.yaml": "{% set version = '1.0' %}\npackage: {name: shop, version: '{{ version }}'}\nsource:\n  - url: x\n",
    "snapcraft.yaml": "name: shop\nbase: core22\nparts: {shop: {plugin: python, source: .}}\n",
    "vcpkg.json": '{"name": "shop", "dependencies": ["aws-sdk-cpp"]}\n',
    "manifest.json": '{"manifest_version": 3, "name": "Shop", "version": "1.0", "permissions": ["storage"]}\n',
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - {name: aws-load-balancer-controller, version: 1}\n",
    "charts.lock.yaml": "dependencies:\n- {name: aws-vpc-cni, repository: https://aws.github.io/eks-charts, version: 1.0.0}\n",
    # Applications
    "app/application.yml": """
spring:
  datasource: {url: "jdbc:postgresql://${DB_HOST:localhost}/shop", username: shop, password: "${DB_PASSWORD}"}
cloud:
  aws: {region: {static: eu-west-1}, credentials: {access-key: "${AWS_ACCESS_KEY_ID}", secret-key: "${AWS_SECRET}"}}
management: {endpoints: {web: {exposure: {include: health}}}}
""",
    "app/appsettings.json": '{"Logging": {"LogLevel": {"Default": "Information"}}, "AWS": {"Profile": "shop", "Region": "eu-west-1"}}\n',
    "app/config/services.yaml": "services:\n  _defaults: {autowire: true}\n  App\\\\: {resource: ../src/, exclude: [../src/Kernel.php]}\n",
    "app/config/packages/security.yaml": "security:\n  role_hierarchy: {ROLE_ADMIN: ROLE_USER}\n  access_control: [{path: ^/admin, roles: ROLE_ADMIN}]\n",
    "app/config/storage.yml": """
amazon:
  service: S3
  access_key_id: <%= Rails.application.credentials.dig(:aws, :access_key_id) %>
  secret_access_key: <%= Rails.application.credentials.dig(:aws, :secret_access_key) %>
""",
    "app/config/database.yml": "default: &default {adapter: postgresql}\nproduction: {<<: *default, url: <%= ENV['DB'] %>}\n",
    "app/config/locales/de.yml": "de:\n  kind: Art\n  apiVersion: Version\n  effect: Wirkung\n  role: 'Rolle: %{name}'\n",
    "app/i18n/en.json": '{"policy": {"Statement": "Statement", "Effect": "Effect", "Principal": "Principal"}, "no": "No"}\n',
    "app/i18n/no.yaml": "no:\n  yes: ja\n  on: på\n",
    "app/fixtures/users.yml": "alice: {name: Alice, role: admin, key: value}\nbob: {name: Bob, role: user}\n",
    "app/logback.yaml": "appenders: [{type: console, threshold: ALL, logFormat: '%d{ISO8601} %-5p %m%n'}]\n",
    "app/serverless.yml": """
service: shop
provider:
  name: aws
  runtime: nodejs20.x
  region: ${opt:region, 'eu-west-1'}
  stage: ${sls:stage}
functions: {hello: {handler: handler.hello, events: [{httpApi: '*'}]}}
custom: {bucket: "${self:service}-${self:provider.stage}"}
""",
    "app/zappa_settings.json": '{"dev": {"app_function": "app.app", "aws_region": "eu-west-1", "s3_bucket": "zappa"}}\n',
    "app/vercel.json": '{"version": 2, "rewrites": [{"source": "/(.*)", "destination": "/"}]}\n',
    "app/netlify.yaml": "build: {publish: dist, command: npm run build}\n",
    "app/firebase.json": '{"hosting": {"public": "dist", "rewrites": [{"source": "**", "destination": "/index.html"}]}}\n',
    "app/fly.yaml": "app: shop\nservices: [{internal_port: 8080, protocol: tcp}]\n",
    "app/app.yaml": "runtime: python311\nservice: default\nenv_variables: {KIND: web}\nhandlers: [{url: /.*, script: auto}]\n",
    "app/celery.yaml": "broker_url: sqs://\nresult_backend: null\n",
    # Compose of other kinds, and local development
    "docker-compose.yml": """
services:
  web:
    build: .
    ports: ["8080:8080"]
    environment: [DB_HOST=db, LOG_LEVEL=debug]
  db: {image: "postgres:16", volumes: ["data:/var/lib/postgresql/data"]}
volumes: {data: {}}
""",
    "docker-compose.override.yml": "services:\n  web: {command: npm run dev, profiles: [dev]}\n",
    "docker-bake.json": '{"target": {"web": {"dockerfile": "Dockerfile", "tags": ["shop:latest"]}}}\n',
    ".devcontainer/devcontainer.json": '{\n  "image": "mcr.example.org/base:1", // an image\n  "features": {"aws-cli": {}}\n}\n',
    ".vscode/settings.json": '{\n  "yaml.schemas": {"kubernetes": ["k8s/*.yaml"]}, // apiVersion, kind\n}\n',
    ".vscode/launch.json": '{"version": "0.2.0", "configurations": [{"type": "go", "name": "run", "env": {"AWS_PROFILE": "dev"}}]}\n',
    ".idea/settings.json": '{"kind": "idea"}\n',
    "Tiltfile.yaml": "settings: {registry: ttl.sh}\n",
    "garden.yml": "kind: Project\nname: shop\nenvironments: [{name: dev}]\n",
    "okteto.yml": "build: {web: {context: .}}\ndev: {web: {command: bash}}\n",
    # Monitoring and operations
    "grafana/dashboard.json": """
{"title": "AWS", "uid": "aws", "schemaVersion": 39, "panels": [{"type": "timeseries", "title": "Errors",
 "datasource": {"type": "cloudwatch"}, "targets": [{"namespace": "AWS/EKS", "region": "default"}],
 "fieldConfig": {"defaults": {"unit": "short"}}}], "templating": {"list": [{"name": "kind", "query": "{{kind}}"}]}}
""",
    "grafana/provisioning.yaml": "apiVersion: 1\nproviders:\n  - {name: default, type: file, options: {path: /var/lib/dashboards}}\n",
    "grafana/datasources.yaml": """
apiVersion: 1
datasources:
  - {name: cloudwatch, type: cloudwatch, jsonData: {authType: default, assumeRoleArn: "${ROLE_ARN}"}}
""",
    "prometheus/prometheus.yml": """
scrape_configs:
  - job_name: nodes
    ec2_sd_configs: [{region: eu-west-1, port: 9100}]
    relabel_configs: [{source_labels: [__meta_ec2_tag_Name], target_label: instance, replacement: '${1}'}]
""",
    "prometheus/rules.yml": """
groups:
  - name: pods
    rules:
      - alert: Restarting
        expr: rate(kube_pod_container_status_restarts_total[5m]) > 0
        annotations: {summary: "{{ $labels.namespace }}/{{ $labels.pod }} restarts"}
""",
    "prometheus/alertmanager.yml": """
route: {receiver: sns}
receivers: [{name: sns, sns_configs: [{topic_arn: "arn:aws:sns:eu-west-1:111122223333:alerts", sigv4: {region: eu-west-1}}]}]
""",
    "otel/collector.yaml": "receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {awsxray: {region: eu-west-1}}\nservice: {pipelines: {}}\n",
    "fluent/parsers.yaml": "parsers:\n  - {name: json, format: json, time_key: time}\n",
    "datadog/checks.yaml": "init_config: {}\ninstances: [{host: localhost, port: 5432}]\n",
    "loadtest/k6.json": '{"stages": [{"duration": "1m", "target": 100}], "thresholds": {"http_req_failed": ["rate<0.01"]}}\n',
    "loadtest/artillery.yml": "config: {target: 'https://x.example.org', phases: [{duration: 60, arrivalRate: 5}]}\nscenarios: []\n",
    "traefik/dynamic.yml": "http: {routers: {web: {rule: 'Host(`x.example.org`)', service: web}}}\n",
    "envoy/envoy.yaml": "static_resources: {listeners: [], clusters: [{name: web, type: STRICT_DNS}]}\n",
    "home/configuration.yaml": """
homeassistant: {name: Home}
api_key: !secret api_key
automation: !include automations.yaml
template: [{sensor: [{name: Power, state: "{{ states('sensor.power') }}"}]}]
""",
    "esphome/node.yaml": "esphome: {name: node}\nwifi: {ssid: !secret wifi, password: !secret password}\nsensor: !lambda 'return 1;'\n",
    # Documents and data
    "mkdocs.yml": """
site_name: Shop
theme: {name: material}
markdown_extensions:
  - pymdownx.emoji: {emoji_index: !!python/name:materialx.emoji.twemoji}
nav: [{Home: index.md}, {AWS: aws.md}]
""",
    "_config.yml": "title: Shop\ntheme: minima\nplugins: [jekyll-feed]\nexclude: [vendor]\n",
    "docs/antora.yml": "name: shop\nversion: '1.0'\nnav: [modules/ROOT/nav.adoc]\n",
    "docs/readthedocs.yaml": "version: 2\nbuild: {os: ubuntu-22.04, tools: {python: '3.11'}}\n",
    "data/notebook.ipynb.json": """
{"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3"}}, "cells": [{"cell_type": "code",
 "source": ["import boto3\\n", "s3 = boto3.client('s3')\\n"], "outputs": [], "execution_count": null, "metadata": {}}]}
""",
    "data/places.geojson.json": '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null, "properties": {}}]}\n',
    "data/lines.json": '{"a": 1}\n{"a": 2}\n',
    "data/table.yaml": "- [1, 2, 3]\n- [4, 5, 6]\n",
    "data/dbt_project.yml": "name: shop\nprofile: shop\nmodels: {shop: {materialized: view, +schema: '{{ target.name }}'}}\n",
    "data/profiles.yml": "shop: {target: dev, outputs: {dev: {type: athena, region_name: eu-west-1, s3_staging_dir: 's3://x'}}}\n",
    "data/dvc.yaml": "stages: {train: {cmd: python train.py, deps: [data], outs: [model]}}\n",
    "data/airflow.yaml": "dag_id: shop\ntasks: [{task_id: load, operator: S3ToRedshiftOperator, aws_conn_id: aws_default}]\n",
    "data/mlflow.yaml": "name: shop\nentry_points: {main: {command: python train.py}}\n",
    "data/citation.yml": "cff-version: 1.2.0\ntitle: Shop\nauthors: [{family-names: X}]\n",
    "data/broken.yaml": "a: [1, 2\nb: }\n",
    "data/tabs.yml": "a:\n\tb: 1\n",
    "data/empty.yaml": "",
    "data/words.json": '["aws", "iam", "kind", "apiVersion"]\n',
    "security/trivy.yaml": "severity: [HIGH, CRITICAL]\nignore: {unfixed: true}\n",
    "security/checkov.yml": "skip-check: [CKV_AWS_1]\nframework: [terraform]\n",
    "security/gitleaks.yaml": "allowlist: {paths: ['.*_test.go'], regexes: ['AKIA[A-Z]{16}']}\n",
    "security/semgrep.yml": "rules:\n  - {id: no-keys, pattern: 'AWS_SECRET_ACCESS_KEY = \"...\"', languages: [python], severity: ERROR}\n",
    "kubeconfig.yaml": """
clusters: [{name: shop, cluster: {server: "https://x.gr7.eu-west-1.eks.amazonaws.com"}}]
users: [{name: shop, user: {exec: {command: aws, args: [eks, get-token, --cluster-name, shop]}}}]
""",
}
