// Of so many operations only those in sight are drawn, and a browser finds no others by itself: hence the filter.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  filter: true,
  validatorUrl: null,
});
