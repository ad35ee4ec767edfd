{
  "Version": "2012-10-17",
  "Statement": [
%{ for index, subject in subjects ~}
    {"Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"${issuer}:sub": "${subject}"}}}%{ if index < length(subjects) - 1 },%{ endif }
%{ endfor ~}
  ]
}
