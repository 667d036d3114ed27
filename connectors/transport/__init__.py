"""How bytes are fetched from an agency, whatever the agency is: within limits, again after failures, and never by halves.

Map:
    setting    what an operator must set to reach an agency, and whether it is well formed
    retry      how often and how long a failed question is asked again
    moments    times of agencies, and from where the next pull must read
    unread     what is no row, on its way into quarantine
    https      one answer of an HTTP server, within limits
    oauth2     a token by client credentials, renewed when it is refused
    rest       pages of JSON
    soap       answers of a SOAP service, asked by the words of its WSDL
    replica    rows of a database that we may only read
    sftp       files of a folder at a pinned host
    delimited  rows of a CSV file
    workbook   rows of a workbook
    drop       dropped files, each read to its end, none twice and none left out

Every failure leaves as a `schema.errors.SourceError` that names no value of a record, no secret and no cause that does.
"""
