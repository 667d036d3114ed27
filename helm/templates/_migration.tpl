{{/* The migration's pod, apart from its Job: outside Helm's hooks the Job is named by what it runs. */}}

{{- define "hub.migrationPod" -}}
metadata:
  labels: {{- include "hub.labels" (list . "migrate") | nindent 4 }}
spec:
  {{- include "hub.podSpec" . | nindent 2 }}
  serviceAccountName: {{ include "hub.migrationAccountName" . }}
  restartPolicy: Never
  containers:
    - name: migrate
      {{- include "hub.container" . | nindent 6 }}
      args: [migrate]
      # Written out: before the first installation the release's ConfigMap does not exist.
      env:
        - name: HUB_VAR
          value: {{ include "hub.var" . }}
        - name: HUB_LOG_LEVEL
          value: {{ .Values.settings.logLevel }}
        - name: HUB_DATABASE_URL_FILE
          value: {{ include "hub.secretsFolder" . }}/database-url
        - name: HUB_DATABASE_OWNER_URL_FILE
          value: {{ include "hub.secretsFolder" . }}/database-owner-url
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      resources: {{- toYaml .Values.migrations.resources | nindent 8 }}
      volumeMounts:
        {{- include "hub.scratchMounts" . | nindent 8 }}
        - name: secrets
          mountPath: {{ include "hub.secretsFolder" . }}
          readOnly: true
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "hub.scratchVolumes" . | nindent 4 }}
    - name: secrets
      secret:
        secretName: {{ .Values.existingSecret.name }}
        defaultMode: 0440
        items:
          - key: {{ .Values.existingSecret.databaseUrlKey }}
            path: database-url
          - key: {{ .Values.existingSecret.databaseOwnerUrlKey }}
            path: database-owner-url
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* What the Job needs is a hook too, of a lower weight: before the first installation nothing else is there.
     Takes (list root weight). */}}
{{- define "hub.migrationAnnotations" -}}
{{- $root := index . 0 -}}
{{- $hook := dict -}}
{{- if $root.Values.migrations.useHelmHooks -}}
{{- $hook = dict
      "helm.sh/hook" "pre-install,pre-upgrade"
      "helm.sh/hook-weight" (index . 1)
      "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" -}}
{{- end -}}
{{- with merge $hook $root.Values.migrations.annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
