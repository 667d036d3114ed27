{{/* What every pod of the release has in common, hook and test pods too: Pod Security `restricted`. */}}

{{- define "hub.podSpec" -}}
automountServiceAccountToken: false
# Kubernetes would put HUB_PORT and the like into a pod beside a Service named `hub`, and the hub refuses unknown HUB_*.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "hub.container" -}}
image: {{ include "hub.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "hub.scratchMounts" -}}
- name: tmp
  mountPath: /tmp
- name: var
  mountPath: {{ include "hub.var" . }}
{{- end }}

{{- define "hub.scratchVolumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.scratch.sizeLimit }}
- name: var
  emptyDir:
    sizeLimit: {{ .Values.scratch.sizeLimit }}
{{- end }}

{{/* The kubelet gives a secret's file to root and lets fsGroup read it; the hub refuses a root key that anybody but
     its owner can read. So the key is copied into memory as a file of the hub's own user alone. */}}
{{- define "hub.rootKeyInitContainer" -}}
- name: root-key
  {{- include "hub.container" . | nindent 2 }}
  command: [python, -c, {{ .Files.Get "files/root_key.py" | toJson }}]
  args: [{{ printf "%s/root-key" (include "hub.secretsFolder" .) }}, {{ include "hub.keyFile" . }}]
  resources:
    requests: {cpu: 10m, memory: 32Mi}
    limits: {memory: 64Mi}
  volumeMounts:
    - name: root-key
      mountPath: {{ include "hub.secretsFolder" . }}
      readOnly: true
    - name: key
      mountPath: {{ include "hub.keyFolder" . }}
{{- end }}

{{- define "hub.rootKeyVolumes" -}}
- name: root-key
  secret:
    secretName: {{ .Values.existingSecret.name }}
    defaultMode: 0440
    items:
      - key: {{ .Values.existingSecret.rootKeyKey }}
        path: root-key
- name: key
  emptyDir:
    medium: Memory
    sizeLimit: 1Mi
{{- end }}

{{/* Names the agency and setting of HUB_AGENCY__<AGENCY>__<NAME>. Takes (list agency name). */}}
{{- define "hub.agencyVariable" -}}
HUB_AGENCY__{{ index . 0 | upper }}__{{ index . 1 | upper }}
{{- end }}
