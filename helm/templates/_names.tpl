{{/* Names, labels and the image. */}}

{{- define "hub.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 46 | trimSuffix "-" }}
{{- end }}

{{/* 46 characters at most, so that every suffix below still fits into the 63 of a label. */}}
{{- define "hub.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 46 | trimSuffix "-" }}
{{- else if contains (include "hub.name" .) .Release.Name }}
{{- .Release.Name | trunc 46 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "hub.name" .) | trunc 46 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "hub.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "hub.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The migration Job runs before the release's own account exists, so it has one of its own. */}}
{{- define "hub.migrationAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- printf "%s-migrate" (include "hub.fullname" .) }}
{{- else }}
{{- include "hub.serviceAccountName" . }}
{{- end }}
{{- end }}

{{/* What finds the pods of one part. Takes (list root component). */}}
{{- define "hub.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "hub.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Takes (list root component). */}}
{{- define "hub.labels" -}}
{{- $root := index . 0 -}}
{{ include "hub.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* By digest where one is given, so that what runs is what was checked. */}}
{{- define "hub.image" -}}
{{- with .Values.image -}}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The host under which clients know the hub: the issuer's, declared once. */}}
{{- define "hub.publicHost" -}}
{{- (urlParse .Values.settings.issuer).hostname }}
{{- end }}

{{- define "hub.port" -}}8000{{- end }}
{{- define "hub.var" -}}/var/lib/hub{{- end }}
{{- define "hub.secretsFolder" -}}/run/secrets/hub{{- end }}
{{- define "hub.keyFolder" -}}/run/hub/key{{- end }}
{{- define "hub.keyFile" -}}{{ printf "%s/root.key" (include "hub.keyFolder" .) }}{{- end }}

{{/* A value as text: a whole number without an exponent, which the hub takes for none. */}}
{{- define "hub.plain" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}{{ printf "%.0f" . }}{{- else -}}{{ toString . }}{{- end -}}
{{- end -}}
