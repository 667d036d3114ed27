{{/* Rules of egress that several policies share. */}}

{{- define "hub.egressToDns" -}}
- to: {{- toYaml .Values.networkPolicy.dns | nindent 4 }}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- end }}

{{- define "hub.egressToDatabase" -}}
- to: {{- toYaml .Values.networkPolicy.database.to | nindent 4 }}
  ports:
    - {port: {{ .Values.networkPolicy.database.port }}, protocol: TCP}
{{- end }}
